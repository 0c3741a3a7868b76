// Bars, and in words on which side of the threshold each stands.
(function (p, box, live) {
  var el = live.el, slice = live.slice, num = live.num, sup = live.sup, ticks = live.ticks;
  var list = el("div", { role: "img", class: "gdl-live-rows" }, box), n = p.n, f = p.log ? Math.log10 : Number;
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
  return function () {
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
  };
})
