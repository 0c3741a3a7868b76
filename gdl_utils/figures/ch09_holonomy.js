// A portrait of a surface, and over it loops, the arrow that sets out, the one on its way, and its axes.
(function (p, box, live) {
  var el = live.el, id = live.figure.dataset.gdl;
  var widths = { first: 4, e1: 2.5, e2: 2.5, now: 5 };
  var legend = el("div", { class: "gdl-live-legend", "aria-hidden": "true" }, box);
  Object.keys(p.names).forEach(function (name) {
    var item = el("span", {}, legend);
    var s = el("svg", { width: 34, height: 14, style: "width:34px;height:14px;background:#8b939c;border-radius:3px" }, item);
    el("line", { x1: 4, y1: 7, x2: 30, y2: 7, style: "stroke:" + p.inks[name] + ";stroke-width:" + widths[name] }, s);
    el("span", {}, item, p.names[name]);
  });
  var svg = el("svg", { viewBox: "0 0 " + p.w + " " + p.h, role: "img", "aria-label": p.label,
    style: "width:100%;max-width:30rem;display:block;margin:auto" }, box);
  var heads = el("defs", {}, svg);
  var images = p.files.map(function (file) {
    return el("image", { href: file, width: p.w, height: p.h }, svg);
  });
  var ways = p.stops.map(function (stops, l) {
    var way = el("g", {}, svg);
    for (var s = 1; s < stops.length; s++) {
      var a = stops[s - 1], b = stops[s], seen = p.front[l][s - 1] && p.front[l][s];
      el("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1],
        style: "stroke:#fff;stroke-width:2" + (seen ? "" : ";opacity:.35") }, way);
    }
    return way;
  });
  var lines = {};
  Object.keys(widths).forEach(function (name) {
    var tip = id + "-" + name;
    var head = el("marker", { id: tip, viewBox: "0 0 10 10", refX: 6, refY: 5, markerWidth: 4,
      markerHeight: 4, orient: "auto" }, heads);
    el("path", { d: "M0 0L10 5L0 10z", style: "fill:" + p.inks[name] + ";stroke:none" }, head);
    lines[name] = el("line", { "marker-end": "url(#" + tip + ")",
      style: "stroke:" + p.inks[name] + ";stroke-width:" + widths[name] }, svg);
  });
  function put(name, at, vector, seen) {
    var line = lines[name];
    line.setAttribute("x1", at[0]);
    line.setAttribute("y1", at[1]);
    line.setAttribute("x2", at[0] + vector[0]);
    line.setAttribute("y2", at[1] + vector[1]);
    line.style.opacity = seen ? 1 : 0.3;
  }
  return function () {
    var where = p.by.map(function (name) { return live.state[name]; });
    var s = where[0], l = where[1], n = where[2], m = where[3], at = p.stops[l][s];
    images.forEach(function (image, i) { image.style.display = i === p.image[n][m] ? "" : "none"; });
    ways.forEach(function (way, i) { way.style.display = i === l ? "" : "none"; });
    put("first", p.stops[l][0], p.arrows[l][0], p.front[l][0]);
    put("now", at, p.arrows[l][s], p.front[l][s]);
    put("e1", at, p.axes[l][n][s][0], p.front[l][s]);
    put("e2", at, p.axes[l][n][s][1], p.front[l][s]);
  };
})
