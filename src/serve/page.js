/*
 * The script of every page: buttons that copy a command, and the token of a private server, which
 * comes in the fragment and is kept for this tab. A page is complete without it.
 */
(function(){
"use strict";
var d=document;
var token=null,m=/(?:^#|&)token=([0-9a-f]{64})(?:&|$)/.exec(location.hash);
try{
if(m){sessionStorage.setItem("token",m[1]);history.replaceState(null,"",location.pathname+location.search);}
token=sessionStorage.getItem("token");
}catch(e){}
var label=d.body.dataset.copy;
if(label&&navigator.clipboard){
d.querySelectorAll(".commands code").forEach(function(code){
var b=d.createElement("button");
b.type="button";
b.className="copy";
b.textContent=label;
b.setAttribute("aria-label",label+": "+code.textContent);
b.addEventListener("click",function(){
navigator.clipboard.writeText(code.textContent).then(function(){
b.textContent="✓";
setTimeout(function(){b.textContent=label;},1500);
});
});
code.after(b);
});
}
var now=d.getElementById("now");
if(token&&now&&now.dataset.port){
fetch("/api/v1/listeners",{headers:{Authorization:"Bearer "+token}}).then(function(r){if(!r.ok)throw 0;return r.json();}).then(function(h){
var w=now.dataset,own=h.listeners.filter(function(l){return l.server.port==w.port;});
now.textContent=own.length?"":w.none;
own.forEach(function(l){
var p=d.createElement("div"),b=d.createElement("bdi"),v=l.periplus.verdict;
b.textContent=l.periplus.who||(l.process&&l.process.name)||"?";
p.className=v;
p.append(b,": "+w[v]);
now.append(p);
});
}).catch(function(){});
}
})();
