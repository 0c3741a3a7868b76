// On click, a 3D viewer takes the poster's place. Inlined once a figure by viewer.py.
(function () {
"use strict";
var CDN = "https://cdn.jsdelivr.net/npm/@google/model-viewer@4.4.0/";
var HELP = "Drag it, or press the arrow keys, to turn it. To zoom, pinch, or hold Ctrl and turn the wheel, or press Page Up and Page Down.";
var NO_3D = "This browser draws nothing in 3D (WebGL is off or missing), so the picture stands still.";
var NO_VIEWER = "The 3D viewer could not be loaded, so the picture stands still.";
function able() {
  var context = document.createElement("canvas").getContext("webgl2");
  var end = context && context.getExtension("WEBGL_lose_context");
  if (end) end.loseContext();
  return !!context;
}
function load(address, id) {
  var script = document.getElementById(id);
  if (!script) {
    script = document.createElement("script");
    script.id = id;
    script.src = address;
    document.head.appendChild(script);
  }
  return new Promise(function (done, fail) {
    if (script.dataset.done) return done();
    script.addEventListener("load", function () { script.dataset.done = "1"; done(); });
    script.addEventListener("error", function () { script.remove(); fail(new Error(NO_VIEWER)); });
  });
}
function viewer() {
  if (customElements.get("model-viewer")) return Promise.resolve();
  var root = document.documentElement.dataset.content_root;
  var address = root === undefined ? CDN + "dist/model-viewer-umd.min.js"
    : root + "_static/model-viewer/model-viewer-umd.min.js";
  return load(address, "gdl-model-viewer").then(function () { return customElements.whenDefined("model-viewer"); });
}
// The model stands in the page or, where the book's builder moved it out, in a script of its own.
function packed(script) {
  if (!script.dataset.src) return Promise.resolve(script.textContent);
  var key = script.dataset.key;
  return load(script.dataset.src, "gdl-model-" + key).then(function () { return window.gdlModels[key]; });
}
function unpack(text) {
  var bytes = Uint8Array.from(atob(text.trim()), function (c) { return c.charCodeAt(0); });
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().then(function (data) {
    return URL.createObjectURL(new Blob([data], { type: "model/gltf-binary" }));
  });
}
// A point's name stands on the side where it finds room.
function sides(view) {
  var box = view.getBoundingClientRect();
  view.querySelectorAll(".gdl-mesh3d-mark").forEach(function (mark) {
    var name = mark.firstElementChild, at = mark.getBoundingClientRect();
    name.classList.toggle("gdl-mesh3d-left", at.left + name.offsetWidth + 12 > box.right);
    name.classList.toggle("gdl-mesh3d-low", at.top - name.offsetHeight - 6 < box.top);
  });
}
function note(fig, text) {
  var line = document.createElement("small");
  line.className = "gdl-mesh3d-note";
  line.tabIndex = -1;
  line.textContent = text;
  fig.appendChild(line);
  return line;
}
document.querySelectorAll('figure[data-gdl="FIGURE"]').forEach(function (fig) {
  var button = fig.querySelector("button"), poster = fig.querySelector("img"), view = poster && poster.parentElement;
  if (!button || fig.dataset.ready) return;
  var busy = false, model = null;
  fig.dataset.ready = "1";
  // JupyterLab asks the very element that has the focus whether keys are its own.
  button.dataset.lmSuppressShortcuts = "true";
  button.hidden = false;
  sides(view);
  addEventListener("resize", function () { sides(view); });
  function mine() { return document.activeElement === button || document.activeElement === document.body; }
  function stay(why) {
    var focus = mine() || document.activeElement === model;
    if (model) {
      fig.querySelectorAll("[data-at]").forEach(function (mark) { mark.removeAttribute("slot"); mark.style.cssText = mark.dataset.poster; view.appendChild(mark); });
      model.replaceWith(poster);
    }
    button.remove();
    var line = note(fig, why);
    line.setAttribute("role", "status");
    if (focus) line.focus({ preventScroll: true });
    sides(view);
  }
  function show(address) {
    model = document.createElement("model-viewer");
    var set = { alt: poster.alt, src: address, "camera-controls": "", "touch-action": "pan-y", "tone-mapping": "none",
      "camera-orbit": fig.dataset.orbit, "field-of-view": "30deg", "interaction-prompt": "none",
      "data-lm-suppress-shortcuts": "true" };
    Object.keys(set).forEach(function (k) { model.setAttribute(k, set[k]); });
    // The wheel scrolls the page, as it does everywhere else; with Ctrl (and a pinch on a pad) it zooms.
    model.addEventListener("wheel", function (event) { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true, passive: true });
    model.addEventListener("load", function () {
      var focus = mine(), tries = 90;
      // The viewer takes the focus inside, and only once it has faded in; nobody is called back from elsewhere.
      function take() {
        if (model.shadowRoot) model.shadowRoot.querySelector("[tabindex]").focus({ preventScroll: true });
        if (document.activeElement === document.body && tries--) requestAnimationFrame(take);
      }
      URL.revokeObjectURL(address);
      button.remove();
      fig.dataset.live = "1";
      if (focus) take();
      note(fig, HELP);
      sides(view);
    }, { once: true });
    model.addEventListener("error", function () { stay(NO_3D); }, { once: true });
    var frame = 0;
    model.addEventListener("camera-change", function () {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(function () { sides(view); });
    });
    fig.querySelectorAll("[data-at]").forEach(function (mark, i) {
      mark.slot = "hotspot-" + i;
      mark.dataset.position = mark.dataset.at;
      mark.dataset.poster = mark.style.cssText;
      mark.removeAttribute("style");
      model.appendChild(mark);
    });
    poster.replaceWith(model);
  }
  button.addEventListener("click", function () {
    if (busy) return;
    if (!able()) return stay(NO_3D);
    busy = true;
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Loading …";
    Promise.all([viewer(), packed(fig.querySelector("script[type='application/gzip']")).then(unpack)])
      .then(function (both) { show(both[1]); }).catch(function () { stay(NO_VIEWER); });
  });
});
})();
