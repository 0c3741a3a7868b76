// Formulas are set when they come near the screen. Once the reader does something, the others follow in idle time,
// so that neither the first view nor scrolling waits for MathJax. Paper and links to a place get all of them at once.
(function () {
  "use strict";
  if (!window.MathJax || !MathJax.startup) return;
  const waiting = new Set(document.querySelectorAll(".math"));
  const MOVES = ["scroll", "keydown", "pointerdown", "wheel", "touchstart"];
  let chain = MathJax.startup.promise;
  const breath = () => new Promise((go) => setTimeout(go, 0));
  function set(wanted) {
    const fresh = wanted.filter((formula) => waiting.delete(formula));
    for (let i = 0; i < fresh.length; i += 6)
      chain = chain
        .then(breath)
        .then(() => MathJax.typesetPromise(fresh.slice(i, i + 6)))
        .catch((error) => console.error("A formula cannot be set: " + error.message));
    if (fresh.length) chain = chain.then(() => void dispatchEvent(new Event("gdl-formulas")));
    return chain;
  }
  // All that are left; resolves when they are there. Tests wait for it.
  const rest = (window.gdlFormulas = () => set([...waiting]));
  const near = new IntersectionObserver(
    (seen) => set(seen.filter((entry) => entry.isIntersecting).map((entry) => entry.target)),
    { rootMargin: "500px 0px" }
  );
  const idle = window.requestIdleCallback || ((work) => setTimeout(work, 60));
  function follow() {
    for (const move of MOVES) removeEventListener(move, follow, true);
    const some = [...waiting].slice(0, 12);
    if (some.length) set(some).then(() => idle(follow));
  }
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) rest().then(() => target.scrollIntoView());
  for (const formula of waiting) near.observe(formula);
  for (const move of MOVES) addEventListener(move, follow, { capture: true, passive: true });
  addEventListener("beforeprint", function () {
    const left = [...document.querySelectorAll(".math")].filter((formula) => !formula.querySelector("mjx-container"));
    waiting.clear();
    if (left.length) MathJax.typeset(left);
  });
})();
