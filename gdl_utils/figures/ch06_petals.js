// Accuracy around the circle: curves in polar coordinates, and on each a dot that follows the slider.
(function (p, box, live) {
  var el = live.el, c = 160, R = 118;
  function at(degrees, r) {
    var a = degrees * Math.PI / 180;
    return [c - R * r * Math.sin(a), c - R * r * Math.cos(a)];
  }
  function word(x, y, text) {
    el("text", { x: x, y: y, style: "font-size:13px;fill:var(--soft);text-anchor:middle" }, svg, text);
  }
  var legend = el("div", { class: "gdl-live-legend", "aria-hidden": "true" }, box);
  var outs = p.names.map(function (name, k) {
    var item = el("span", {}, legend), s = el("svg", { width: 30, height: 10 }, item);
    el("path", { d: "M1 5H29", class: "gdl-live-c" + k }, s);
    el("span", {}, item, name);
    return el("b", {}, item);
  });
  var svg = el("svg", { role: "img", viewBox: "0 0 330 320", style: "max-width:24rem" }, box);
  [0.25, 0.5, 0.75, 1].forEach(function (r) {
    el("circle", { cx: c, cy: c, r: R * r, style: "fill:none;stroke:var(--line);stroke-width:1" }, svg);
  });
  [0, 60, 120, 180, 240, 300].forEach(function (degrees) {
    var rim = at(degrees, 1), beyond = at(degrees, 1.18);
    el("line", { x1: c, y1: c, x2: rim[0], y2: rim[1], class: "gdl-live-grid" }, svg);
    word(beyond[0], beyond[1] + 4.5, degrees + "°");
  });
  word(c + R / 2 + 4, c - 4, "50 %");
  word(c + R + 24, c - 4, "100 %");
  p.ys.forEach(function (y, k) {
    var corners = y.map(function (r, i) { return at(p.degrees[i], r).map(function (v) { return v.toFixed(1); }).join(" "); });
    el("path", { d: "M" + corners.join("L") + "Z", class: "gdl-live-c" + k }, svg);
  });
  var ray = el("line", { x1: c, y1: c, class: "gdl-live-cursor" }, svg);
  var dots = p.ys.map(function (y, k) { return el("circle", { r: 6, class: "gdl-live-d" + k }, svg); });
  return function () {
    var i = live.state[p.cursor], end = at(p.degrees[i], 1);
    ray.setAttribute("x2", end[0]);
    ray.setAttribute("y2", end[1]);
    p.say = p.ys.map(function (y, k) {
      var dot = at(p.degrees[i], y[i]), share = Math.round(100 * y[i]) + " %";
      dots[k].setAttribute("cx", dot[0]);
      dots[k].setAttribute("cy", dot[1]);
      outs[k].textContent = share;
      return p.names[k] + " " + share;
    }).join(", ");
    svg.setAttribute("aria-label", p.label + ", " + p.degrees[i] + "°: " + p.say);
  };
})
