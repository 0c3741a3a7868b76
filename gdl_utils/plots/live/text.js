// A sentence.
(function (p, box, live) {
  var text = live.el("p", {}, box);
  return function () { p.say = text.textContent = p.frames[live.at(p.by)]; };
})
