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

// Pictures in a chart are fetched when it comes near, and all of them for paper.
(function () {
  "use strict";
  function bring(box) {
    for (const picture of box.querySelectorAll("image[data-href]")) {
      picture.setAttribute("href", picture.dataset.href);
      picture.removeAttribute("data-href");
    }
  }
  addEventListener("beforeprint", () => bring(document));
  addEventListener("DOMContentLoaded", function () {
    const near = new IntersectionObserver(function (seen) {
      for (const one of seen) if (one.isIntersecting) { bring(one.target); near.unobserve(one.target); }
    }, { rootMargin: "1200px 0px" });
    for (const held of document.querySelectorAll(".gdl-pictures")) near.observe(held.parentElement);
  });
})();
