// Type-ahead over the vocabulary: names, synonyms, identifiers and former identifiers of terms.
(function () {
"use strict";
// Small letters and digits without accents, single spaces between words.
function plain(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f'’]/g, "").replace(/[^a-z0-9]+/g, " ").trim();
}
// Whether one word becomes the other by one letter more, less, other, or two exchanged.
function near(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const j = a.length - i, rest = function (s, k) { return s.slice(i + k); };
  return a === b || rest(a, 1) === rest(b, 1) || rest(a, 1) === rest(b, 0) || rest(a, 0) === rest(b, 1) ||
    (j > 1 && a[i] === b[i + 1] && a[i + 1] === b[i] && rest(a, 2) === rest(b, 2));
}

class Vocabulary {
  constructor(graph) {
    this.graph = graph;
    this.entries = [];
    graph.termNames.forEach((name, term) => {
      this.entries.push({ term: term, label: name, text: " " + plain(name), name: true });
      for (const other of graph.synonyms[term]) this.entries.push({ term: term, label: other, text: " " + plain(other), name: false });
    });
    this.index = new Map(graph.termIds.map(function (id, t) { return [id, t]; }));
  }
  // The term of an identifier, today's or a former one: { term, former } or null.
  identifier(text) {
    const digits = /^\s*(?:HP[:_]?)?(\d{7})\s*$/i.exec(text), id = digits && "HP:" + digits[1];
    if (!id) return null;
    if (this.index.has(id)) return { term: this.index.get(id), former: "" };
    return Object.hasOwn(this.graph.former, id) ? { term: this.graph.former[id], former: id } : null;
  }
  // Up to `limit` terms, the best first: { found: [{ term, label, former }], total, mended }.
  find(query, limit) {
    const byNumber = this.identifier(query);
    if (byNumber) {
      const label = this.graph.termNames[byNumber.term];
      return { found: [{ term: byNumber.term, label: label, former: byNumber.former }], total: 1, mended: "" };
    }
    const words = plain(query.slice(0, 200)).split(" ").filter(Boolean);
    if (!words.length) return { found: [], total: 0, mended: "" };
    const out = this.matches(words, limit);
    if (out.total) return Object.assign(out, { mended: "" });
    const mended = words.map((word) => this.mend(word));
    const again = mended.includes(null) ? out : this.matches(mended, limit);
    return Object.assign(again, { mended: again.total ? mended.join(" ") : "" });
  }
  // Terms that have a name in which every word begins a word.
  matches(words, limit) {
    const whole = " " + words.join(" "), best = new Map();
    for (const entry of this.entries) {
      if (!words.every(function (word) { return entry.text.includes(" " + word); })) continue;
      const kind = entry.text === whole ? 0 : entry.text.startsWith(whole) ? 2 : entry.text.includes(whole) ? 4 : 6;
      const rank = (kind + (entry.name ? 0 : 1)) * 1000 + entry.text.length;
      if (!best.has(entry.term) || rank < best.get(entry.term).rank) best.set(entry.term, { rank: rank, entry: entry });
    }
    const found = Array.from(best.values()).sort(function (a, b) {
      return a.rank - b.rank || (a.entry.text < b.entry.text ? -1 : 1);
    });
    return {
      total: found.length,
      found: found.slice(0, limit).map(function (f) { return { term: f.entry.term, label: f.entry.label, former: "" }; }),
    };
  }
  // A word of the vocabulary in place of a misspelt one: the commonest that is near; or null.
  mend(word) {
    if (!this.words) {
      this.words = new Map();
      for (const { text } of this.entries)
        for (const w of text.split(" ")) if (w.length > 4) this.words.set(w, (this.words.get(w) || 0) + 1);
    }
    if (word.length < 5) return word;
    let best = null, most = 0;
    for (const [w, count] of this.words) {
      if (w.startsWith(word)) return word;
      if (count > most && near(word, w)) { most = count; best = w; }
    }
    return best;
  }
}
window.gdlDiagnosis = Object.assign(window.gdlDiagnosis || {}, { Vocabulary: Vocabulary });
})();
