// A drawing of pictures, lines, dots, arrows and words; each frame is drawn anew.
(function (p, box, live) {
  var el = live.el, shown = -1;
  var svg = el("svg", { role: "img", "aria-label": p.alt, viewBox: "0 0 " + p.w + " " + p.h }, box);
  svg.style.maxWidth = p.size + "px";
  function head(q, width, role, parent) {
    var n = q.length, dx = q[n - 2] - q[n - 4], dy = q[n - 1] - q[n - 3], d = Math.hypot(dx, dy) || 1;
    var a = 3.2 + 2.2 * width, x = q[n - 2], y = q[n - 1], u = dx / d, v = dy / d;
    el("path", { d: "M" + x + " " + y + "L" + [x - a * u + a * v / 2, y - a * v - a * u / 2, x - a * u - a * v / 2,
      y - a * v + a * u / 2].map(function (t) { return t.toFixed(1); }).join(" ") + "Z", class: "gdl-sketch-fill-" + role }, parent);
  }
  return function () {
    var i = live.at(p.by);
    if (i === shown) return;
    shown = i;
    svg.textContent = "";
    p.frames[i].forEach(function (part) {
      var q = part[1], role = part[2];
      if (part[0] === "p") {
        el("image", { x: q[0], y: q[1], width: part[2], height: part[3], href: part[4] }, svg);
      } else if (part[0] === "l") {
        el("path", { d: "M" + q.join(" "), class: "gdl-sketch-" + role, style: "stroke-width:" + part[3] }, svg);
        if (part[4]) head(q, part[3], role, svg);
      } else if (part[0] === "d") {
        var disc = el("circle", { cx: q[0], cy: q[1], r: part[3], class: "gdl-sketch-fill-" + role }, svg);
        if (part[5]) disc.style.fill = part[5];
        if (part[4]) el("text", { x: q[0], y: q[1] + 5.5, class: "gdl-sketch-in" }, svg, part[4]);
      } else el("text", { x: q[0], y: q[1] + 5.5, class: "gdl-sketch-fill-" + role }, svg, part[3]);
    });
  };
})
