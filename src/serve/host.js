/*
 * The script of /host: asks the API who listens, shows the rows, and asks again when the stream says
 * that something changed. Nothing is kept; every word of the machine goes in as text, never as markup.
 */
(function(){
"use strict";
var d=document,state=d.getElementById("state"),rows=d.getElementById("rows"),events=d.getElementById("events"),filter=d.getElementById("filter"),w=state.dataset;
var token=null,list=[],open={};
try{token=sessionStorage.getItem("token");}catch(e){}
if(!token){state.textContent=w.token;return;}
var head={headers:{Authorization:"Bearer "+token}};
function el(name,text,cls){var e=d.createElement(name);if(text!=null)e.textContent=text;if(cls)e.className=cls;return e;}
function bdi(parent,text){parent.append(el("bdi",text));}
function mark(v){return v==="unexpected"?"■ ":v==="look"?"▲ ":"● ";}
function key(l){return l.network.transport+l.server.port+l.server.address;}
function title(l){
var p=l.process,q=l.periplus;
return q.who||(p&&p.name)||w.hidden;
}
function detail(l){
var p=l.process,q=l.periplus,ul=el("ul"),li;
function add(text,label){if(!text)return;li=el("li",label?label+": ":null);bdi(li,text);ul.append(li);}
function names(list,key){return(list||[]).map(function(r){return r[key]+(r.standing?" ("+(w[r.standing]||r.standing)+")":"");}).filter(function(t,i,all){return all.indexOf(t)===i;}).slice(0,6).join(", ")||w.none;}
add(names(q.registered,"service"),w.registered);
add(names(q.practice,"product"),w.practice);
add(q.claim?JSON.stringify(q.claim):w.none,w.claimed);
add(q.product||title(l),w.here);
add({any:w.any,loopback:w.lo,host:w.one}[q.bind_scope],w.reach);
if(p){
add(p.command_line);
add(p.executable);
add(p.working_directory,w.directory);
if(p.user)add(p.user.name||p.user.id,w.user);
var line=ul,inner;
q.lineage.forEach(function(up){
li=el("li",w.started+" ");
bdi(li,up.name+" ("+up.pid+")");
li.title=up.executable||"";
inner=el("ul");
inner.append(li);
line.lastChild.append(inner);
line=inner;
});
add(q.terminal,w.terminal);
}
add(q.unit);
add(q.container);
add(q.package&&q.package+" "+(q.package_version||""));
(q.reasons||[]).forEach(function(r){li=el("li",null,r.effect);li.append(mark(r.effect),el("code",r.id)," ");bdi(li,r.detail);if(r.source)li.append(" ",el("span",r.source,"src"));ul.append(li);});
return ul;
}
function show(){
var words=filter.value.toLowerCase(),seen=0;
rows.replaceChildren();
list.forEach(function(l){
var text=(l.server.port+"/"+l.network.transport+" "+title(l)+" "+JSON.stringify(l.process||"")).toLowerCase();
if(words&&text.indexOf(words)<0)return;
seen++;
var tr=el("tr"),td=el("td",null,"n"),a=el("a",l.server.port),v=l.periplus.verdict,k=key(l);
a.href=(/^\/[a-z]{2}(-[A-Z]{2})?(?=\/)/.exec(location.pathname)||[""])[0]+"/"+l.server.port;
td.append(a,"/"+l.network.transport);
tr.append(td);
td=el("td");bdi(td,l.server.address);tr.append(td);
td=el("td");
var more=el("details"),sum=el("summary");
more.open=!!open[k];
more.addEventListener("toggle",function(){open[k]=more.open;});
bdi(sum,title(l));
more.append(sum,detail(l));
td.append(more);tr.append(td);
tr.append(el("td",mark(v)+w[v],v));
rows.append(tr);
});
rows.dataset.n=seen;
}
function load(){
return fetch("/api/v1/listeners",head).then(function(r){
if(r.status===401)throw 401;
if(!r.ok)throw 0;
return r.json();
}).then(function(h){
list=h.listeners;
show();
state.textContent=h.complete?w.live:w.live+" "+w.blind;
});
}
function tell(kind,text){
var l;
try{l=JSON.parse(text);}catch(e){return;}
if(kind==="listener-opened"||kind==="listener-closed"||kind==="owner-changed"||kind==="scope-widened"){
var li=el("li"),at=(l["@timestamp"]||"").slice(11,19);
li.append(at+" "+l.server.port+"/"+l.network.transport+" "+(kind==="listener-opened"?w.opened:kind==="listener-closed"?w.closed:kind)+" ");
bdi(li,title(l));
events.prepend(li);
while(events.children.length>50)events.lastChild.remove();
}
}
function follow(){
fetch("/api/v1/listeners/stream",head).then(function(r){
if(r.status===401)throw 401;
if(!r.ok)throw 0;
var reader=r.body.getReader(),decoder=new TextDecoder(),rest="";
load();
return reader.read().then(function next(part){
if(part.done)throw 0;
rest+=decoder.decode(part.value,{stream:true});
var pieces=rest.split("\n\n");
rest=pieces.pop();
pieces.forEach(function(piece){
var kind=/^event: (.*)$/m.exec(piece),data=/^data: (.*)$/m.exec(piece);
if(!kind)return;
if(kind[1]==="listing")load();
else if(data)tell(kind[1],data[1]);
});
return reader.read().then(next);
});
}).catch(function(e){
state.textContent=e===401?w.token:w.lost;
if(e!==401)setTimeout(follow,2000);
});
}
filter.addEventListener("input",show);
follow();
})();
