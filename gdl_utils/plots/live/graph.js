// A graph whose nodes change colour and letter.
(function (p, box, live) {
  var el = live.el, slice = live.slice;
  var svg = el("svg", { role: "img", viewBox: "0 0 " + p.w + " " + p.h }, box);
  svg.style.maxWidth = p.w * 1.1 + "px";
  p.edges.forEach(function (e) {
    var a = p.pos[e[0]], b = p.pos[e[1]];
    el("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1], class: "gdl-live-edge" }, svg);
  });
  var nodes = p.pos.map(function (q) {
    return [el("circle", { cx: q[0], cy: q[1], r: p.r, class: "gdl-live-node" }, svg),
      el("text", { x: q[0], y: q[1] + 4.6, "text-anchor": "middle" }, svg)];
  });
  return function () {
    var colors = slice(p.colors, p.by, nodes.length), texts = p.texts && slice(p.texts, p.by, nodes.length), count = {};
    nodes.forEach(function (node, i) {
      var paint = p.palette[colors[i]];
      node[0].style.fill = paint[0];
      node[1].style.fill = paint[1];
      node[1].textContent = texts ? texts[i] : "";
      if (texts) count[texts[i]] = (count[texts[i]] || 0) + 1;
    });
    p.say = Object.keys(count).length > 12 ? "" : Object.keys(count).map(function (t) { return count[t] + " × " + t; }).join(", ");
    svg.setAttribute("aria-label", p.alt + (p.say ? ": " + p.say : ""));
  };
})
