/*
 * The script of every page: buttons that copy a command, and the token of a private server, which
 * comes in the fragment and is kept for this tab. A page is complete without it.
 */
(function(){
"use strict";
var d=document;
var m=/(?:^#|&)token=([0-9a-f]{64})(?:&|$)/.exec(location.hash);
try{
if(m){sessionStorage.setItem("token",m[1]);history.replaceState(null,"",location.pathname+location.search);}
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
})();
