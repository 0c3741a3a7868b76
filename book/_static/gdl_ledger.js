// A field that filters the ledger of claims. Without scripts all claims are there.
(function () {
  "use strict";
  const count = document.querySelector(".gdl-ledger-count");
  const chapters = [...document.querySelectorAll("section.gdl-ledger-chapter")].map((section) => ({
    section,
    rows: [...section.querySelectorAll("tbody tr")].map((row) => ({ row, text: fold(section.querySelector("h2").textContent + " " + row.textContent) })),
  }));
  if (!count || !chapters.length) return;
  const all = count.textContent;
  const form = document.createElement("form");
  form.className = "gdl-filter";
  form.setAttribute("role", "search");
  form.innerHTML = '<label for="gdl-filter">Filter the claims</label> <input id="gdl-filter" type="search" autocomplete="off" placeholder="for example: pooling, or chapter 5">';
  const field = form.querySelector("input");
  count.before(form);
  count.setAttribute("role", "status");
  function fold(text) {
    return text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replace(/\s+/g, " ");
  }
  function filter() {
    const query = fold(field.value).trim(), chapter = query.match(/^chapter (\d+)\s*/);
    const words = (chapter ? query.slice(chapter[0].length) : query).split(" ").filter(Boolean);
    let found = 0, within = 0;
    for (const { section, rows } of chapters) {
      const named = !chapter || +section.id.slice(-2) === +chapter[1];
      let here = 0;
      for (const { row, text } of rows) {
        row.hidden = !(named && words.every((word) => text.includes(word)));
        here += !row.hidden;
      }
      section.hidden = !here;
      found += here;
      within += here > 0;
    }
    const plural = (n, word) => n + " " + word + (n === 1 ? "" : "s");
    count.textContent = query ? (found ? plural(found, "claim") + " in " + plural(within, "chapter") + "." : "No claim holds these words.") : all;
  }
  field.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A link to a claim that is filtered away shows it again.
  addEventListener("hashchange", function () {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.hidden) {
      field.value = "";
      filter();
      target.scrollIntoView();
    }
  });
})();
