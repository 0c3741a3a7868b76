// Curves over one axis, and a cursor where a slider stands.
(function (p, box, live) {
  var el = live.el, slice = live.slice, num = live.num, ticks = live.ticks, controls = live.controls, state = live.state;
  var legend = el("div", { class: "gdl-live-legend", "aria-hidden": "true" }, box);
  var outs = p.names.map(function (name, i) {
    var item = el("span", {}, legend), s = el("svg", { width: 30, height: 10 }, item);
    el("path", { d: "M1 5H29", class: "gdl-live-c" + i % 7 }, s);
    el("span", {}, item, name);
    return el("b", {}, item);
  });
  var svg = el("svg", { role: "img" }, box), n = p.x.length;
  function draw() {
    var W = Math.max(box.clientWidth, 240), H = Math.max(200, Math.min(320, W * 0.56)), i;
    var ys = p.ys.map(function (y) { return slice(y, p.by, n); });
    function scaler(lo, hi, log, a, b) {
      var f = log ? Math.log10 : Number, l = f(lo), h = f(hi);
      return function (v) { return a + (b - a) * (f(v) - l) / (h - l || 1); };
    }
    var yt = ticks(p.ylim[0], p.ylim[1], p.logy, 5), xt = ticks(p.xlim[0], p.xlim[1], p.logx, W / 75);
    var L = 14 + 7.6 * Math.max.apply(null, yt.map(function (v) { return num(v).length; })), B = p.xlabel ? 44 : 24;
    var X = scaler(p.xlim[0], p.xlim[1], p.logx, L + 6, W - 14);
    var Y = scaler(p.ylim[0], p.ylim[1], p.logy, H - B - 4, p.ylabel ? 24 : 10);
    svg.replaceChildren();
    svg.setAttribute("viewBox", "0 0 " + W + " " + H);
    svg.style.height = H + "px";
    yt.forEach(function (v) {
      el("line", { x1: L, x2: W - 8, y1: Y(v), y2: Y(v), class: "gdl-live-grid" }, svg);
      el("text", { x: L - 6, y: Y(v) + 4.5, "text-anchor": "end" }, svg, num(v));
    });
    xt.forEach(function (v) { el("text", { x: X(v), y: H - B + 16, "text-anchor": "middle" }, svg, num(v)); });
    if (p.xlabel) el("text", { x: (L + W) / 2, y: H - 6, "text-anchor": "middle" }, svg, p.xlabel);
    if (p.ylabel) el("text", { x: 0, y: 13 }, svg, p.ylabel);
    var c = p.cursor && controls[p.cursor], k = -1;
    if (c) {
      var v = c.values[state[p.cursor]];
      if (v >= p.xlim[0] && v <= p.xlim[1])
        el("line", { x1: X(v), x2: X(v), y1: Y(p.ylim[1]), y2: H - B, class: "gdl-live-cursor" }, svg);
      k = p.x.reduce(function (best, x, j) { return Math.abs(x - v) < Math.abs(p.x[best] - v) ? j : best; }, 0);
    }
    ys.forEach(function (y, s) {
      var d = "", pen = "M";
      for (i = 0; i < n; i++)
        if (y[i] === null) pen = "M";
        else { d += pen + X(p.x[i]).toFixed(1) + " " + Y(y[i]).toFixed(1); pen = "L"; }
      el("path", { d: d, class: "gdl-live-c" + s % 7 }, svg);
    });
    ys.forEach(function (y, s) {
      if (k >= 0 && y[k] !== null) el("circle", { cx: X(p.x[k]), cy: Y(y[k]), r: 5, class: "gdl-live-d" + s % 7 }, svg);
      outs[s].textContent = k >= 0 ? (y[k] === null ? "–" : num(y[k])) : "";
    });
    p.say = k < 0 ? "" : p.names.map(function (name, s) { return name + " " + outs[s].textContent; }).join(", ");
    svg.setAttribute("aria-label", p.alt + (p.say ? ": " + p.say : ""));
  }
  new ResizeObserver(draw).observe(live.stage);
  return draw;
})
