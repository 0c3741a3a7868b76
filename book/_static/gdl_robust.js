// For the keyboard and for paper. Copy buttons are out of the way of the Tab key: Alt+C goes to the next one,
// and that of a code box which has been unfolded is in the order. Pages are printed light.
(function () {
  "use strict";
  const COPY = "button.copybtn";
  function shown(element) {
    return element.getClientRects().length > 0 && !element.closest("details:not([open])");
  }
  function near(element) {
    const box = element.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  }
  function nextCopy() {
    const buttons = [...document.querySelectorAll(COPY)].filter(shown), here = document.activeElement;
    if (here && here.matches(COPY)) return buttons[buttons.indexOf(here) + 1];
    if (!here || here === document.body || !near(here)) return buttons.find((b) => b.getBoundingClientRect().bottom > 60);
    const after = Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY;
    return buttons.find((b) => here.compareDocumentPosition(b) & after);
  }
  addEventListener("keydown", function (event) {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== "KeyC") return;
    const next = nextCopy();
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.parentElement.scrollIntoView({ block: "nearest" });
  });
  document.addEventListener("toggle", function (event) {
    if (event.target.tagName !== "DETAILS") return;
    for (const button of event.target.querySelectorAll(COPY)) button.tabIndex = event.target.open ? 0 : -1;
  }, true);
  function ready() {
    for (const button of document.querySelectorAll(COPY)) {
      const fold = button.closest("details");
      button.tabIndex = fold && fold.open ? 0 : -1;
      button.dataset.tooltip = "Copy (Alt+C: next)";
      button.type = "button";
    }
    for (const link of document.querySelectorAll("a.headerlink")) link.tabIndex = -1;
    // The theme takes the focus away from what was pressed; with a keyboard it must stay.
    for (const button of document.querySelectorAll(".theme-switch-button, .search-button, .sidebar-toggle")) button.blur = function () {};
  }
  addEventListener("DOMContentLoaded", ready);
  addEventListener("load", ready); // copy buttons may come late

  const root = document.documentElement, paper = matchMedia("print");
  let theme = "";
  function light() {
    theme = theme || root.dataset.theme;
    root.dataset.theme = "light";
  }
  function back() {
    if (theme) root.dataset.theme = theme;
    theme = "";
  }
  addEventListener("beforeprint", light);
  addEventListener("afterprint", back);
  paper.addEventListener("change", (event) => (event.matches ? light() : back()));
})();
