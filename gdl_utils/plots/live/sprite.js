// Images on a canvas: a control picks one, sliders roll it, the pointer drags it.
(function (p, box, live) {
  var el = live.el, at = live.at, set = live.set, value = live.value, controls = live.controls, state = live.state;
  var canvas = el("canvas", { width: p.w, height: p.h, role: "img" }, box), scale = 1;
  var pen = canvas.getContext("2d"), image = new Image(), ready = false;
  pen.imageSmoothingEnabled = false;
  function fit() {
    scale = Math.min(p.size, live.figure.clientWidth - 34) / p.w;
    if (scale > 1) scale = Math.floor(scale);
    canvas.style.imageRendering = scale < 1 ? "auto" : "";
    canvas.style.width = p.w * scale + "px";
    canvas.style.height = p.h * scale + "px";
    if (p.label) box.style.maxWidth = Math.max(p.w * scale, 170) + "px";
  }
  function mod(a, n) { return ((a % n) + n) % n; }
  function draw() {
    var i = at(p.by), sx = (i % p.cols) * p.w, sy = Math.floor(i / p.cols) * p.h;
    var ox = mod(Math.round(value(p.roll[0])), p.w), oy = mod(Math.round(value(p.roll[1])), p.h);
    var names = p.by.concat(p.roll).filter(function (n, j, all) { return n && all.indexOf(n) === j; });
    canvas.setAttribute("aria-label", p.alt + names.map(function (n) {
      return ", " + controls[n].label + ": " + controls[n].texts[state[n]];
    }).join(""));
    if (!ready) return;
    pen.clearRect(0, 0, p.w, p.h);
    [ox - p.w, ox].forEach(function (x) { [oy - p.h, oy].forEach(function (y) {
      if (x > -p.w && y > -p.h) pen.drawImage(image, sx, sy, p.w, p.h, x, y, p.w, p.h);
    }); });
  }
  image.onload = function () { ready = true; draw(); };
  image.src = p.src;
  fit();
  new ResizeObserver(fit).observe(live.figure);
  if (!p.drag[0] && !p.drag[1]) return draw;
  canvas.classList.add("gdl-live-drag");
  canvas.style.touchAction = p.drag[0] && p.drag[1] ? "none" : p.drag[0] ? "pan-y" : "pan-x";
  var from = null;
  function nearest(c, v) {
    return c.values.reduce(function (best, x, i) { return Math.abs(x - v) < Math.abs(c.values[best] - v) ? i : best; }, 0);
  }
  canvas.addEventListener("pointerdown", function (e) {
    from = { x: e.clientX, y: e.clientY, at: Object.assign({}, state) };
    canvas.setPointerCapture(e.pointerId);
    e.preventDefault();
  });
  canvas.addEventListener("pointermove", function (e) {
    if (!from) return;
    [e.clientX - from.x, e.clientY - from.y].forEach(function (d, axis) {
      var name = p.drag[axis], c = controls[name];
      if (!name) return;
      if (p.pixels) set(name, nearest(c, c.values[from.at[name]] + d / scale));
      else set(name, from.at[name] + Math.round((d / scale / (axis ? p.h : p.w)) * (c.texts.length - 1)));
    });
  });
  ["pointerup", "pointercancel"].forEach(function (e) { canvas.addEventListener(e, function () { from = null; }); });
  return draw;
})
