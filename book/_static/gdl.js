// What scrolls sideways on its own (a wide formula or table) can be reached with the keyboard.
(function () {
  "use strict";
  const wide = 'mjx-container[display="true"], .pst-scrollable-table-container, .bd-article pre';
  function reach() {
    // All are measured before anything is changed: else the page is laid out anew for each.
    const boxes = [...document.querySelectorAll(wide)].map((box) => [box, box.scrollWidth > box.clientWidth + 1]);
    for (const [box, scrolls] of boxes) {
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
  addEventListener("gdl-formulas", soon);
  addEventListener("load", reach);
})();
