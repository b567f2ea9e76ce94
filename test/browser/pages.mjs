// SPDX-License-Identifier: Apache-2.0
// The pages in a real browser, as TAP: by mouse, by keyboard, without script, in six languages, at 360
// and 1440 px, in light and dark; axe-core must find nothing. Usage: pages.mjs URL TOKEN CHROMIUM
// PICTURES, a directory for a picture of a page in each language, to be looked at.
import { createHash } from "node:crypto";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [base, token, executablePath, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const languages = ["en", "ar", "cs", "de", "ru", "zh-TW"];
const limit = 120000;
let n = 0, failed = 0;

function ok(good, name, note) {
	n++;
	failed += !good;
	console.log(`${good ? "ok" : "not ok"} ${n} - ${name}`);
	if (!good && note !== undefined)
		console.log("# " + String(note).replaceAll("\n", "\n# "));
}

function is(got, want, name) {
	ok(got === want, name, `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`);
}

const browser = await chromium.launch({
	executablePath,
	timeout: limit,
	args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const complaints = [];

async function open(options = {}) {
	const context = await browser.newContext({ locale: "en-GB", bypassCSP: false, ...options });
	context.setDefaultTimeout(limit);
	const page = await context.newPage();
	page.on("console", (m) => m.type() === "error" && complaints.push(`${page.url()}: ${m.text()}`));
	page.on("pageerror", (e) => complaints.push(`${page.url()}: ${e}`));
	page.on("request", (r) => r.url().startsWith(base) || r.url().startsWith("data:") ||
		complaints.push("asks somebody else: " + r.url()));
	return page;
}

async function check(page, name) {
	// the policy of the page forbids foreign scripts, so axe comes in from outside of it
	const session = await page.context().newCDPSession(page);
	const { executionContextId } = await new Promise((done) => {
		session.once("Runtime.executionContextCreated", (e) => done({ executionContextId: e.context.id }));
		session.send("Runtime.enable");
	});
	await session.send("Runtime.evaluate", { expression: axe, contextId: executionContextId });
	const { result } = await session.send("Runtime.evaluate", {
		expression: `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
			.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(" | "))))`,
		contextId: executionContextId, awaitPromise: true, returnByValue: true,
	});
	is(result.value, "[]", `axe finds nothing: ${name}`);
	await session.detach();
}

async function fits(page) {
	return page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
}

// The founding ports, and what their pages answer.
const founding = { 3232: "mdtp", 3478: "stun", 3476: "nppmp", 3451: "asam", 3000: "hbci" };
const wide = await open({ viewport: { width: 1440, height: 900 } });
for (const [port, name] of Object.entries(founding)) {
	await wide.goto(`${base}/${port}`);
	ok((await wide.title()).startsWith(`${port} — ${name}`), `${port} is ${name}`, await wide.title());
	ok((await wide.locator(".answer").innerText()).length > 20, "with one sentence first");
	ok(!(await wide.content()).includes("grep"), "and never grep");
}
await check(wide, "3000, wide");
await wide.setViewportSize({ width: 360, height: 740 });
ok(await fits(wide), "it fits a phone");
await check(wide, "3000, phone");
await wide.emulateMedia({ colorScheme: "dark" });
await check(wide, "3000, dark");
await wide.emulateMedia({ media: "print", colorScheme: "light" });
ok(!(await wide.locator("header").isVisible()), "print has no navigation");
await wide.context().close();

// Search by keyboard alone.
const keys = await open();
await keys.goto(base);
await keys.keyboard.press("Tab");
is(await keys.evaluate(() => document.activeElement.className), "skip", "the first stop leads to the content");
await keys.locator("header input").focus();
await keys.keyboard.type("postgresql");
await keys.keyboard.press("Enter");
await keys.waitForURL("**/search?q=postgresql");
ok((await keys.locator("table", { hasText: "Registrations" }).locator("a").first().innerText()) === "5432", "search finds by name");
await keys.locator("header input").fill("22");
await keys.keyboard.press("Enter");
await keys.waitForURL("**/22");
ok(true, "and a number is its page");
await check(keys, "search to page");

// The chart.
await keys.goto(`${base}/chart`);
await keys.locator("#cells[data-ready]").waitFor();
const chart = keys.locator("#cells");
const at = keys.locator("#at");
await chart.focus();
await keys.keyboard.type("3476");
await at.filter({ hasText: "nppmp" }).waitFor();
ok((await at.innerText()).startsWith("13·148 = 3476 nppmp"), "a number is jumped to", await at.innerText());
await keys.keyboard.press("ArrowRight");
ok((await at.innerText()).startsWith("13·149 = 3477"), "right is the next", await at.innerText());
await keys.keyboard.press("ArrowDown");
ok((await at.innerText()).startsWith("14·149 = 3733"), "down is 256 further", await at.innerText());
const box = await chart.boundingBox();
await keys.mouse.move(box.x + (148.5 / 256) * box.width, box.y + (13.5 / 256) * box.height);
await at.filter({ hasText: "= 3476" }).waitFor();
ok(true, "the mouse points at a port");
await keys.locator("input[value=practice]").check();
ok((await keys.locator("#legend li").count()) === 3, "a layer has its legend");
await check(keys, "chart");
await keys.setViewportSize({ width: 360, height: 740 });
ok(await fits(keys), "the chart fits a phone");
await chart.focus();
await keys.keyboard.type("22");
await keys.keyboard.press("Enter");
await keys.waitForURL("**/22");
ok(true, "Enter opens the page");
await keys.context().close();

// This machine: a listener opens and closes while the page is open.
const live = await open();
await live.goto(`${base}/host`);
ok((await live.locator("#state").innerText()).includes("token"), "without token the page says what to do");
await live.goto(`${base}/#token=${token}`);
ok(!live.url().includes(token), "the token leaves the address");
await live.goto(`${base}/host`);
await live.locator("#rows tr").first().waitFor();
ok(true, "with it the listeners are there");
const server = createServer();
await new Promise((done) => server.listen(3476, "127.0.0.1", done));
await live.locator("#rows tr", { hasText: "3476" }).waitFor();
ok(true, "a listener that opens appears");
const row = live.locator("#rows tr", { hasText: "3476" });
await row.locator("summary").click();
ok((await row.locator("details").innerText()).includes("node"), "and opens to its identity");
ok((await row.locator("details").innerText()).includes("registered: nppmp ("), "to what is registered",
	await row.locator("details").innerText());
ok((await row.locator("details").innerText()).includes("reachable from: this machine only"), "to who can reach it");
ok((await row.locator("details ul ul li").first().innerText()).startsWith("started by"), "and to who started it");
await check(live, "host");
await live.locator("#filter").fill("no such thing");
is(await live.locator("#rows tr").count(), 0, "the filter filters");
await live.locator("#filter").fill("");
await live.goto(`${base}/3476`);
await live.locator("#now div").waitFor();
ok((await live.locator("#now").innerText()).includes(":"), "the page of the port says who is here now");
await live.goto(`${base}/host`);
await row.waitFor();
await new Promise((done) => server.close(done));
await row.waitFor({ state: "detached" });
ok(true, "a listener that closes goes");
await live.locator("#events li", { hasText: "closed" }).first().waitFor();
ok(true, "and is told");
await live.context().close();

// Feedback: both answers, by a browser that fills in the form itself, with script and without.
for (const javaScriptEnabled of [true, false]) {
	const visitor = await open({ javaScriptEnabled, viewport: { width: 360, height: 740 } });
	const how = javaScriptEnabled ? "with script" : "without script";
	await visitor.goto(`${base}/de/3476`);
	const question = visitor.locator("section[aria-labelledby=right]");
	await question.locator("form").first().locator("button").click();
	await visitor.waitForURL("**/de/feedback");
	ok((await visitor.locator("h1").innerText()) === "Danke", `yes is taken, ${how}`);
	await visitor.locator("main a").first().click();
	await visitor.waitForURL("**/de/3476");
	await question.locator("summary").click();
	if (javaScriptEnabled)
		await check(visitor, "feedback is open");
	await question.locator("[name=transport]").selectOption("udp");
	await question.locator("[name=product]").fill(`Acme <b>Display ${how}`);
	await question.locator("[name=known]").fill("its banner");
	await question.locator("[name=link]").fill("https://acme.example/ports");
	await question.locator("form.ask button").click();
	await visitor.waitForURL("**/de/feedback");
	ok((await visitor.locator("h1").innerText()) === "Danke", `so is another product, ${how}`);
	if (javaScriptEnabled)
		await check(visitor, "thanks");
	await visitor.goto(`${base}/de/3476`);
	await question.locator("summary").click();
	await question.locator("[name=product]").fill("me@mail.example");
	await question.locator("form.ask button").click();
	await visitor.waitForURL("**/de/feedback");
	ok((await visitor.locator("h1").innerText()) === "Nicht gespeichert", `a mailbox is not, ${how}`);
	await visitor.context().close();
}
const foreign = await open();
const thief = createHttpServer((request, answer) => answer.end(`<!doctype html><form method=post action="${base}/feedback">
	<input name=port value=3476><input name=answer value=right><button>x</button></form>`));
await new Promise((done) => thief.listen(8020, "127.0.0.1", done));
foreign.removeAllListeners("request");
await foreign.goto("http://127.0.0.1:8020/");
await foreign.locator("button").click();
await foreign.waitForURL("**/feedback");
ok((await foreign.content()).includes('"status": 403'), "a foreign page cannot send it", await foreign.content());
await foreign.context().close();
thief.close();

// Languages.
const seen = new Set();
for (const language of languages) {
	const page = await open({ locale: language, viewport: { width: 360, height: 740 } });
	await page.goto(`${base}/3476`);
	is(await page.evaluate(() => document.documentElement.lang), language, `${language} is chosen by the browser's wish`);
	await page.goto(`${base}/${language}/3000`);
	is(await page.evaluate(() => document.documentElement.dir), language === "ar" ? "rtl" : "ltr", `its direction`);
	await check(page, `${language}/3000`);
	for (const width of [360, 1440]) {
		await page.setViewportSize({ width, height: 900 });
		ok(await fits(page), `it fits ${width} px`);
		const picture = await page.screenshot({ path: `${pictures}/${language}-${width}.png`, fullPage: true });
		seen.add(createHash("sha256").update(picture).digest("hex"));
	}
	if (language === "ar") {
		const [left, right] = await page.evaluate(() => {
			const code = document.querySelector(".commands code").getBoundingClientRect();
			const item = document.querySelector(".commands li").getBoundingClientRect();
			return [code.left - item.left, item.right - code.right];
		});
		ok(right <= left, "right to left begins at the right");
		is(await page.evaluate(() => getComputedStyle(document.querySelector(".commands code")).direction), "ltr",
			"a command does not");
	}
	await page.context().close();
}

is(seen.size, 2 * languages.length, "no two languages or widths look the same");

// Without script every page is complete.
const plain = await open({ javaScriptEnabled: false });
for (const path of ["/", "/3476", "/chart", "/ghosts", "/about/data", "/range/3000-3100", "/service/ssh"]) {
	await plain.goto(base + path);
	ok((await plain.locator("h1").count()) === 1 && (await plain.locator("main").innerText()).length > 200,
		`${path} without script`);
}
await plain.goto(`${base}/host`);
ok((await plain.locator("#state").innerText()).includes("sudo periplus"), "/host without script shows the command");
await plain.context().close();

const rest = await open();
for (const path of ["/", "/ghosts", "/about/data", "/range/3000-3100", "/service/ssh", "/search?q=ssh", "/none"]) {
	await rest.goto(base + path);
	await check(rest, path);
}
// a page that is not there, or a form that is refused, is an error of the console too
is(complaints.filter((c) => !/40[034]/.test(c)).join("\n"), "", "no script fails, nothing breaks the policy, nobody else is asked");
await browser.close();
console.log(`1..${n}`);
process.exitCode = failed ? 1 : 0;
