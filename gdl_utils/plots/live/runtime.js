// The runtime of a live figure: one state, controls that change it, panels that show it.
// Inlined once a figure by figure.py, which fills in FIGURE and the scripts of its PANELS; no globals,
// no requests. What a panel's script is given is said in panel.py.
(function () {
"use strict";
var PANELS = {};
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
  var svg = /^(svg|defs|marker|g|path|line|circle|text|image)$/.test(tag);
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
      var input = el("input", { type: "radio", name: "FIGURE-" + serial + "-" + k, value: i }, label);
      el("span", {}, label, text);
      input.addEventListener("change", function () { if (input.checked) set(c.name, i); });
      sync.push(function () { input.checked = state[c.name] === i; });
    });
  }
  function value(name) { return name ? controls[name].values[state[name]] : 0; }
  var live = { figure: fig, stage: stage, controls: controls, state: state, at: at, slice: slice, value: value,
    set: set, el: el, num: num, sup: sup, ticks: ticks };
  data.panels.forEach(function (p) {
    var panel = el("div", { class: "gdl-live-panel gdl-live-" + p.kind }, stage);
    if (p.label) el("div", { class: "gdl-live-label" }, panel, p.label);
    parts.push(PANELS[p.kind](p, panel, live));
  });
  // JupyterLab asks the very element that has the focus whether keys are its own.
  app.querySelectorAll("input, button").forEach(function (node) { node.dataset.lmSuppressShortcuts = "true"; });
  app.hidden = false;
  still.hidden = true;
  refresh();
}
document.querySelectorAll('figure[data-gdl="FIGURE"]').forEach(function (fig, serial) {
  if (fig.dataset.ready) return;
  fig.dataset.ready = "1";
  try { build(fig, serial); } catch (error) {
    fig.querySelector(".gdl-live-app").hidden = true;
    fig.querySelector(".gdl-live-still").hidden = false;
    throw error;
  }
});
})();
