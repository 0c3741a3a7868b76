// What scrolls sideways on its own (a wide formula or table) can be reached with the keyboard.
(function () {
  "use strict";
  const wide = 'mjx-container[display="true"], .pst-scrollable-table-container, .bd-article pre';
  function reach() {
    for (const box of document.querySelectorAll(wide)) {
      const scrolls = box.scrollWidth > box.clientWidth + 1;
      if (scrolls && !box.hasAttribute("tabindex")) {
        box.tabIndex = 0;
        box.dataset.gdlScrolls = "";
      } else if (!scrolls && "gdlScrolls" in box.dataset) {
        box.removeAttribute("tabindex");
        delete box.dataset.gdlScrolls;
      }
    }
  }
  let waiting = 0;
  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(reach, 150);
  }
  addEventListener("resize", soon);
  addEventListener("load", function () {
    reach();
    const startup = window.MathJax && window.MathJax.startup;
    if (startup && startup.promise) startup.promise.then(reach);
  });
})();
