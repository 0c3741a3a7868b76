// On click, a 3D viewer takes the poster's place. Inlined once a figure by viewer.py.
(function () {
"use strict";
var CDN = "https://cdn.jsdelivr.net/npm/@google/model-viewer@4.4.0/";
function viewer() {
  if (customElements.get("model-viewer")) return Promise.resolve();
  var root = document.documentElement.dataset.content_root, script = document.getElementById("gdl-model-viewer");
  if (!script) {
    script = document.createElement("script");
    script.id = "gdl-model-viewer";
    script.src = root === undefined ? CDN + "dist/model-viewer-umd.min.js"
      : root + "_static/model-viewer/model-viewer-umd.min.js";
    document.head.appendChild(script);
  }
  return new Promise(function (done, fail) {
    script.addEventListener("load", done);
    script.addEventListener("error", function () { script.remove(); fail(new Error("no viewer")); });
  }).then(function () { return customElements.whenDefined("model-viewer"); });
}
function unpack(text) {
  var bytes = Uint8Array.from(atob(text.trim()), function (c) { return c.charCodeAt(0); });
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer().then(function (data) {
    return URL.createObjectURL(new Blob([data], { type: "model/gltf-binary" }));
  });
}
document.querySelectorAll('figure[data-gdl="FIGURE"]').forEach(function (fig) {
  var button = fig.querySelector("button"), poster = fig.querySelector("img");
  if (!button || fig.dataset.ready) return;
  fig.dataset.ready = "1";
  // In JupyterLab, keys that are pressed here are the figure's.
  fig.dataset.lmSuppressShortcuts = "true";
  button.hidden = false;
  button.addEventListener("click", function () {
    button.disabled = true;
    button.textContent = "Loading …";
    Promise.all([viewer(), unpack(fig.querySelector("script[type='application/gzip']").textContent)]).then(function (both) {
      var model = document.createElement("model-viewer");
      var set = { alt: poster.alt, src: both[1], "camera-controls": "", "touch-action": "pan-y", "tone-mapping": "none",
        "camera-orbit": fig.dataset.orbit, "field-of-view": "30deg", "interaction-prompt": "none" };
      Object.keys(set).forEach(function (k) { model.setAttribute(k, set[k]); });
      model.addEventListener("load", function () {
        URL.revokeObjectURL(both[1]);
        button.remove();
        fig.dataset.live = "1";
        model.focus();
      }, { once: true });
      fig.querySelectorAll("[data-at]").forEach(function (mark, i) {
        mark.slot = "hotspot-" + i;
        mark.dataset.position = mark.dataset.at;
        mark.removeAttribute("style");
        model.appendChild(mark);
      });
      poster.replaceWith(model);
    }).catch(function () {
      button.textContent = "The 3D viewer could not be loaded";
    });
  });
});
})();
