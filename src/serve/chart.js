/*
 * The script of /chart: one canvas of 256 x 256 cells at four pixels each, a layer at a time. The
 * data of the map is one file; what is here now comes from the API of a private server.
 */
(function(){
"use strict";
var d=document,c=d.getElementById("cells"),at=d.getElementById("at"),legend=d.getElementById("legend"),form=d.getElementById("layers"),w=d.getElementById("words").dataset;
var S=4,x=c.getContext("2d"),port=0,typed="",data=null,live={},first=null,diff={},token=null,timer=0;
c.width=c.height=256*S;
try{token=sessionStorage.getItem("token");}catch(e){}
var dark=matchMedia("(prefers-color-scheme:dark)").matches;
// lightness differs as well as hue: the legend can be told apart without colours
var ink=dark?{alive:"#7ee787",quiet:"#3d8f5a",ghost:"#3b4450",overtaken:"#d29922",reserved:"#7a4fb5",unassigned:"#161b22",dynamic:"#0d1117",n:"#0d1117",w:"#2f6f9f",s:"#9fd3ff",expected:"#7ee787",look:"#f0b849",unexpected:"#ff6b63",opened:"#7ee787",closed:"#ff6b63"}:{alive:"#0b6b2e",quiet:"#66b884",ghost:"#c9d1d9",overtaken:"#b7791f",reserved:"#5b2d9b",unassigned:"#f6f8fa",dynamic:"#ffffff",n:"#ffffff",w:"#8fc3ea",s:"#0a4a7a",expected:"#0b6b2e",look:"#b7791f",unexpected:"#a40e26",opened:"#0b6b2e",closed:"#a40e26"};
var groups={registered:["alive","quiet","overtaken","ghost","reserved","unassigned","dynamic"],practice:["s","w","n"],now:["unexpected","look","expected"],diff:["opened","closed"]};
function layer(){return new FormData(form).get("layer")||"registered";}
function runs(text,names){
var out=new Array(65536),n=0,m,re=/([A-Za-z])(\d*)/g;
while((m=re.exec(text)))for(var k=+m[2]||1;k--&&n<65536;)out[n++]=names?names[m[1]]:m[1];
return out;
}
function key(p,l){return l==="now"?live[p]:l==="diff"?diff[p]:data&&data[l][p];}
function cell(p,colour,size){
x.fillStyle=colour;
var grow=size||0;
x.fillRect((p&255)*S-grow,(p>>8)*S-grow,S+2*grow,S+2*grow);
}
function draw(){
var l=layer(),p,k;
x.fillStyle=ink.dynamic;
x.fillRect(0,0,256*S,256*S);
if(l==="now"||l==="diff"){
var set=l==="now"?live:diff;
for(p in set)cell(+p,ink[set[p]],S);
}else if(data)for(p=0;p<65536;p++){k=data[l][p];if(ink[k]!==ink.dynamic)cell(p,ink[k]);}
x.strokeStyle=dark?"#fff":"#000";
x.lineWidth=2;
x.strokeRect((port&255)*S-3,(port>>8)*S-3,S+6,S+6);
legend.replaceChildren.apply(legend,groups[l].map(function(g){
var li=d.createElement("li"),i=d.createElement("i");
i.style.background=ink[g];
li.append(i,w[g]);
return li;
}));
}
function say(name){
var l=layer(),k=key(port,l),own=data&&data.registered[port];
at.textContent=(port>>8)+"·"+(port&255)+" = "+port+(name?" "+name:"")+(own?" "+w[own]:"")+(l!=="registered"&&k?", "+w[k]:"");
}
function go(p){
port=Math.max(0,Math.min(65535,p));
draw();
say();
clearTimeout(timer);
timer=setTimeout(function(){
var asked=port;
fetch("/"+asked+".json").then(function(r){return r.json();}).then(function(j){
var named=j.registrations.filter(function(r){return r.service;})[0];
if(asked===port&&named)say(named.service);
}).catch(function(){});
},150);
}
function open(){location.href=(/^\/[a-z]{2}(-[A-Z]{2})?(?=\/)/.exec(location.pathname)||[""])[0]+"/"+port;}
function place(e){
var r=c.getBoundingClientRect();
return Math.min(255,Math.max(0,Math.floor((e.clientY-r.top)*256/r.height)))*256+Math.min(255,Math.max(0,Math.floor((e.clientX-r.left)*256/r.width)));
}
c.addEventListener("pointermove",function(e){go(place(e));});
c.addEventListener("click",function(e){go(place(e));open();});
c.addEventListener("keydown",function(e){
var step={ArrowLeft:-1,ArrowRight:1,ArrowUp:-256,ArrowDown:256,PageUp:-4096,PageDown:4096}[e.key];
if(e.ctrlKey||e.metaKey||e.altKey)return;
if(step){typed="";go(port+step);}
else if(e.key==="Home"){typed="";go(0);}
else if(e.key==="End"){typed="";go(65535);}
else if(e.key==="Enter")open();
else if(e.key==="Escape")typed="";
else if(/^[0-9]$/.test(e.key)){typed=+(typed+e.key)>65535?e.key:typed+e.key;go(+typed);}
else return;
e.preventDefault();
});
form.addEventListener("change",function(){draw();say();});
fetch("/chart.json").then(function(r){return r.json();}).then(function(j){
data={registered:runs(j.registered,j.letters),practice:runs(j.practice)};
draw();
say();
c.dataset.ready=1;
});
draw();
if(!token||!form.querySelector("[value=now]"))return;
var head={headers:{Authorization:"Bearer "+token}},rank={expected:1,look:2,unexpected:3};
(function look(){
fetch("/api/v1/listeners",head).then(function(r){if(!r.ok)throw r.status;return r.json();}).then(function(h){
var now={},p;
h.listeners.forEach(function(l){
var v=l.periplus.verdict,n=l.server.port;
if(!now[n]||rank[v]>rank[now[n]])now[n]=v;
});
if(!first)first=now;
diff={};
for(p in now)if(!first[p])diff[p]="opened";
for(p in first)if(!now[p])diff[p]="closed";
live=now;
draw();
setTimeout(look,2000);
}).catch(function(e){if(e!==401)setTimeout(look,5000);});
})();
})();
