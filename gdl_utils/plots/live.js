// The runtime of a live figure: one state, controls that change it, panels that show it.
// Inlined once a figure by live.py; no globals, no requests. ID is filled in there.
(function () {
"use strict";
var SUP = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
var NS = "http://www.w3.org/2000/svg";
function sup(k) { return "10" + String(k).split("").map(function (c) { return SUP[c]; }).join(""); }
function num(v, digits) {
  if (v === null) return "∞";
  if (v === 0) return "0";
  var a = Math.abs(v), k = Math.floor(Math.log10(a) + 1e-9);
  if (k < -3 || k > 5) {
    var m = +(v / Math.pow(10, k)).toPrecision(1);
    if (Math.abs(m) === 10) { m /= 10; k += 1; }
    return (m === 1 ? "" : m + "·") + sup(k);
  }
  return String(+v.toPrecision(digits || 3)).replace("-", "−");
}
function el(tag, attributes, parent, text) {
  var svg = /^(svg|g|path|line|circle|text)$/.test(tag);
  var node = svg ? document.createElementNS(NS, tag) : document.createElement(tag);
  for (var key in attributes || {}) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}
function ticks(lo, hi, log, room) {
  var out = [], k, v;
  if (log) {
    var a = Math.floor(Math.log10(lo) + 1e-9), b = Math.ceil(Math.log10(hi) - 1e-9);
    var sets = b - a > 2 ? [[1]] : [[1, 2, 5]];
    var every = Math.max(1, Math.ceil((b - a + 1) / room));
    for (k = a; k <= b; k += every)
      sets[0].forEach(function (m) {
        v = m * Math.pow(10, k);
        if (v >= lo * 0.999 && v <= hi * 1.001) out.push(v);
      });
    return out;
  }
  var raw = (hi - lo) / Math.max(room, 2) || 1, base = Math.pow(10, Math.floor(Math.log10(raw)));
  var step = [1, 2, 5, 10].map(function (m) { return m * base; }).find(function (s) { return s >= raw * 0.999; });
  for (v = Math.ceil(lo / step - 1e-6) * step; v <= hi + step * 1e-6; v += step) out.push(+v.toPrecision(12));
  return out;
}
function build(fig, serial) {
  var data = JSON.parse(fig.querySelector('script[type="application/json"]').textContent);
  var app = fig.querySelector(".gdl-live-app"), still = fig.querySelector(".gdl-live-still");
  var state = {}, controls = {}, sync = [], parts = [], timer = 0;
  data.controls.forEach(function (c) { controls[c.name] = c; state[c.name] = c.start; });
  function at(by) {
    return by.reduce(function (i, name) { return i * controls[name].texts.length + state[name]; }, 0);
  }
  function slice(values, by, n) { var i = at(by) * n; return values.slice(i, i + n); }
  function set(name, i) {
    i = Math.max(0, Math.min(controls[name].texts.length - 1, i));
    if (i === state[name]) return;
    state[name] = i;
    refresh();
  }
  function refresh() {
    sync.concat(parts).forEach(function (f) { f(); });
    clearTimeout(timer);
    timer = setTimeout(function () {
      status.textContent = data.panels.map(function (p) { return p.say || ""; }).filter(Boolean).join(". ");
    }, 350);
  }
  var box = el("div", { class: "gdl-live-controls" }, app);
  var stage = el("div", { class: "gdl-live-panels" }, app);
  var status = el("p", { class: "gdl-live-status", role: "status", "aria-live": "polite" }, app);
  data.controls.forEach(function (c, k) { (c.kind === "slider" ? slider : choice)(c, k); });
  function slider(c) {
    var row = el("div", { class: "gdl-live-slider" }, box), label = el("label", {}, row);
    el("span", {}, label, c.label);
    var value = el("b", { "aria-hidden": "true" }, label);
    var input = el("input", { type: "range", min: 0, max: c.texts.length - 1, step: 1 }, label);
    input.addEventListener("input", function () { stop(); set(c.name, +input.value); });
    sync.push(function () {
      input.value = state[c.name];
      value.textContent = c.texts[state[c.name]];
      input.setAttribute("aria-valuetext", c.texts[state[c.name]]);
      input.style.setProperty("--at", 100 * state[c.name] / (c.texts.length - 1) + "%");
    });
    var clock = 0, button = c.play && el("button", { type: "button" }, row, "▶ Play");
    function stop() { clearInterval(clock); clock = 0; if (button) button.textContent = "▶ Play"; }
    if (button) button.addEventListener("click", function () {
      if (clock) return stop();
      if (state[c.name] === c.texts.length - 1) set(c.name, 0);
      button.textContent = "❚❚ Pause";
      clock = setInterval(function () {
        if (!fig.isConnected || state[c.name] === c.texts.length - 1) return stop();
        set(c.name, state[c.name] + 1);
      }, 750);
    });
  }
  function choice(c, k) {
    var set_ = el("fieldset", {}, box), row;
    el("legend", {}, set_, c.label);
    row = el("div", { class: "gdl-live-options" }, set_);
    c.texts.forEach(function (text, i) {
      var label = el("label", {}, row);
      var input = el("input", { type: "radio", name: "ID-" + serial + "-" + k, value: i }, label);
      el("span", {}, label, text);
      input.addEventListener("change", function () { if (input.checked) set(c.name, i); });
      sync.push(function () { input.checked = state[c.name] === i; });
    });
  }
  data.panels.forEach(function (p) {
    var panel = el("div", { class: "gdl-live-panel gdl-live-" + p.kind }, stage);
    if (p.label) el("div", { class: "gdl-live-label" }, panel, p.label);
    ({ sprite: sprite, curves: curves, bars: bars, text: words, graph: graph })[p.kind](p, panel);
  });
  function sprite(p, panel) {
    var canvas = el("canvas", { width: p.w, height: p.h, role: "img" }, panel), scale = 1;
    var pen = canvas.getContext("2d"), image = new Image(), ready = false;
    pen.imageSmoothingEnabled = false;
    function fit() {
      scale = Math.min(p.size, fig.clientWidth - 34) / p.w;
      if (scale > 1) scale = Math.floor(scale);
      canvas.style.width = p.w * scale + "px";
      canvas.style.height = p.h * scale + "px";
      if (p.label) panel.style.maxWidth = Math.max(p.w * scale, 170) + "px";
    }
    function value(name) { return name ? controls[name].values[state[name]] : 0; }
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
    new ResizeObserver(fit).observe(fig);
    parts.push(draw);
    if (!p.drag[0] && !p.drag[1]) return;
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
  }
  function curves(p, panel) {
    var legend = el("div", { class: "gdl-live-legend", "aria-hidden": "true" }, panel);
    var outs = p.names.map(function (name, i) {
      var item = el("span", {}, legend), s = el("svg", { width: 30, height: 10 }, item);
      el("path", { d: "M1 5H29", class: "gdl-live-c" + i % 7 }, s);
      el("span", {}, item, name);
      return el("b", {}, item);
    });
    var svg = el("svg", { role: "img" }, panel), n = p.x.length;
    function draw() {
      var W = Math.max(panel.clientWidth, 240), H = Math.max(200, Math.min(320, W * 0.56)), i;
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
    parts.push(draw);
    new ResizeObserver(draw).observe(stage);
  }
  function bars(p, panel) {
    var list = el("div", { role: "img", class: "gdl-live-rows" }, panel), n = p.n, f = p.log ? Math.log10 : Number;
    var lo = f(p.lim[0]), hi = f(p.lim[1]);
    function place(v) {
      if (v === null) return 100;
      return v <= p.lim[0] ? 0 : Math.min(100, 100 * (f(v) - lo) / (hi - lo));
    }
    if (p.threshold !== null) list.style.setProperty("--bound", place(p.threshold) + "%");
    var rows = [];
    for (var i = 0; i < n; i++) {
      var row = el("div", {}, list), name = el("span", { class: "gdl-live-name" }, row);
      var track = el("span", { class: "gdl-live-track" + (p.threshold !== null ? " gdl-live-bound" : "") }, row);
      rows.push({ row: row, name: name, bar: el("i", {}, track), text: el("span", { class: "gdl-live-value" }, row) });
    }
    var axis = el("div", { class: "gdl-live-axis" }, list);
    el("span", { class: "gdl-live-name" }, axis, p.xlabel);
    var track2 = el("span", { class: "gdl-live-track" }, axis);
    el("span", { class: "gdl-live-value" }, axis);
    ticks(p.lim[0], p.lim[1], p.log, 5).forEach(function (v) {
      el("em", { style: "left:" + place(v) + "%" }, track2, p.log ? (v === 1 ? "1" : sup(Math.round(Math.log10(v)))) : num(v));
    });
    parts.push(function () {
      var values = slice(p.values, p.by, n), names = p.fixed ? p.names : slice(p.names, p.by, n), good = 0, all = 0;
      var say = rows.map(function (r, j) {
        r.row.hidden = !names[j];
        if (!names[j]) return "";
        var v = values[j], fine = v !== null && (p.threshold === null || (p.high ? v >= p.threshold : v <= p.threshold));
        var word = p.threshold === null ? "" : p.words[fine ? 0 : 1];
        all += 1; good += fine;
        r.name.textContent = names[j];
        r.bar.style.width = place(v) + "%";
        r.row.className = fine ? "" : "gdl-live-bad";
        r.text.textContent = (word ? (fine ? "✓ " : "✗ ") : "") + num(v, p.log ? 1 : 3) + (word ? " " + word : "");
        return names[j] + ": " + num(v, 2) + " " + word;
      });
      list.setAttribute("aria-label", p.alt + ": " + say.filter(Boolean).join("; "));
      p.say = p.threshold === null ? "" : good + " of " + all + " " + p.words[0];
    });
  }
  function words(p, panel) {
    var text = el("p", {}, panel);
    parts.push(function () { p.say = text.textContent = p.frames[at(p.by)]; });
  }
  function graph(p, panel) {
    var svg = el("svg", { role: "img", viewBox: "0 0 " + p.w + " " + p.h }, panel);
    svg.style.maxWidth = p.w * 1.1 + "px";
    p.edges.forEach(function (e) {
      var a = p.pos[e[0]], b = p.pos[e[1]];
      el("line", { x1: a[0], y1: a[1], x2: b[0], y2: b[1], class: "gdl-live-edge" }, svg);
    });
    var nodes = p.pos.map(function (q) {
      return [el("circle", { cx: q[0], cy: q[1], r: p.r, class: "gdl-live-node" }, svg),
        el("text", { x: q[0], y: q[1] + 4.6, "text-anchor": "middle" }, svg)];
    });
    parts.push(function () {
      var colours = slice(p.colours, p.by, nodes.length), texts = p.texts && slice(p.texts, p.by, nodes.length), count = {};
      nodes.forEach(function (node, i) {
        var paint = p.palette[colours[i]];
        node[0].style.fill = paint[0];
        node[1].style.fill = paint[1];
        node[1].textContent = texts ? texts[i] : "";
        if (texts) count[texts[i]] = (count[texts[i]] || 0) + 1;
      });
      p.say = Object.keys(count).length > 12 ? "" : Object.keys(count).map(function (t) { return count[t] + " × " + t; }).join(", ");
      svg.setAttribute("aria-label", p.alt + (p.say ? ": " + p.say : ""));
    });
  }
  app.hidden = false;
  still.hidden = true;
  refresh();
}
document.querySelectorAll('figure[data-gdl="ID"]').forEach(function (fig, serial) {
  if (fig.dataset.ready) return;
  fig.dataset.ready = "1";
  try { build(fig, serial); } catch (error) {
    fig.querySelector(".gdl-live-app").hidden = true;
    fig.querySelector(".gdl-live-still").hidden = false;
    throw error;
  }
});
})();
