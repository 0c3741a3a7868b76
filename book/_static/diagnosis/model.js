// The network of chapter 21 in the reader's browser: what gdl_utils.cases.diagnosis.kgcn and
// gdl_utils.cases.diagnosis compute, term for term. Nothing here touches the page.
(function () {
"use strict";
const MIDPOINTS = [1, 0.895, 0.545, 0.17, 0.025];
const FREQUENCIES = ["obligate", "very frequent", "frequent", "occasional", "very rare"];
const REPORTERS = ["patient", "clinician"];
const FAR = 5, DOWN = 6; // ways: 0 to 4 steps up, 5 or more, and a kind of what is listed
const KEPT = 1200; // messages kept for the next diagnosis, 34 kB each

// ------------------------------------------------------------------------------- the files
// Whole numbers as bytes of seven bits, lowest first, the eighth saying that more follow; base64.
function varints(text) {
  const bytes = atob(text), out = [];
  let value = 0, unit = 1;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i);
    value += (byte & 127) * unit;
    unit *= 128;
    if (byte < 128) { out.push(value); value = 0; unit = 1; }
  }
  return out;
}
// Differences, of either sign as 0, −1, 1, −2, 2 …, summed up.
function running(text) {
  let sum = 0;
  return varints(text).map(function (v) { return (sum += v % 2 ? -(v + 1) / 2 : v / 2); });
}
function numbered(prefix, width, numbers) {
  return numbers.map(function (n) { return prefix + String(n).padStart(width, "0"); });
}
// The graph, from the objects that the data files leave in window.gdlDiagnosisData.
function decode(files) {
  const words = files.vocabulary, edges = files.graph, names = files.diseases;
  const versions = [words, edges, names, files.weights].map(function (f) { return f.version; });
  if (new Set(versions).size > 1) throw new Error("The data files are of different versions: " + versions.join(", "));
  const former = {}, ids = running(words.former), at = running(words.formerTerm);
  numbered("HP:", 7, ids).forEach(function (id, i) { former[id] = at[i]; });
  const disease = [], term = [], frequency = [], child = [], parent = [];
  let k = 0;
  const degree = varints(edges.degree), links = varints(edges.links);
  degree.forEach(function (count, d) {
    for (let t = -1, end = k + count; k < end; k++) {
      t += 1 + Math.floor(links[k] / 5);
      disease.push(d); term.push(t); frequency.push(links[k] % 5);
    }
  });
  k = 0;
  const up = varints(edges.isA);
  varints(edges.parents).forEach(function (count, t) {
    for (let end = k + count; k < end; k++) { child.push(t); parent.push(t - up[k]); }
  });
  return {
    version: words.version,
    termIds: numbered("HP:", 7, running(words.ids)),
    termNames: words.names.split("\n"),
    synonyms: words.synonyms.split("\n").map(function (line) { return line ? line.split("|") : []; }),
    former: former,
    diseaseIds: numbered("ORPHA:", 0, running(names.ids)),
    diseaseNames: names.names.split("\n"),
    links: { disease: disease, term: term, frequency: frequency },
    isA: { child: child, parent: parent },
  };
}

// ----------------------------------------------------------------------------- the network
// The values of each of n rows, one after the other: those of row i from start[i] to start[i + 1].
function rows(n, row, columns) {
  const start = new Int32Array(n + 1), next = new Int32Array(n);
  row.forEach(function (i) { start[i + 1] += 1; });
  for (let i = 0; i < n; i++) { start[i + 1] += start[i]; next[i] = start[i]; }
  const out = columns.map(function () { return new Int32Array(row.length); });
  row.forEach(function (i, k) {
    columns.forEach(function (column, c) { out[c][next[i]] = column[k]; });
    next[i] += 1;
  });
  return [start].concat(out);
}
function softplus(x) { return x > 30 ? x : Math.log1p(Math.exp(x)); }
function exp(values) { return values.map(Math.exp); }

class Network {
  constructor(graph, weights) {
    const T = graph.termIds.length, links = graph.links;
    this.graph = graph;
    this.weights = weights;
    this.terms = T;
    this.diseases = graph.diseaseIds.length;
    [this.linkStart, this.linkDisease, this.linkFrequency] = rows(T, links.term, [links.disease, links.frequency]);
    [this.parentStart, this.parent] = rows(T, graph.isA.child, [graph.isA.parent]);
    [this.childStart, this.child] = rows(T, graph.isA.parent, [graph.isA.child]);
    [this.listStart, this.list, this.listFrequency] = rows(this.diseases, links.disease, [links.term, links.frequency]);
    this.expected = new Float64Array(this.diseases);
    links.disease.forEach((d, k) => { this.expected[d] += MIDPOINTS[links.frequency[k]]; });
    this.logExpected = this.expected.map(Math.log);
    this.index = new Map(Object.entries(graph.former));
    graph.termIds.forEach((id, t) => { this.index.set(id, t); });
    this.place = this.generalFirst();
    this.steps = new Int32Array(T).fill(-1); // scratch of below(): −1 and 0 between calls
    this.share = new Float64Array(T);
    this.weigh = { way: weights.way.map(exp), frequency: exp(weights.frequency), absent: exp(weights.absent) };
    this.forget();
  }
  forget() { this.memory = new Map(); this.counts = new Map(); }

  // Each term's place in an order in which it follows all that it is a kind of.
  generalFirst() {
    const place = new Int32Array(this.terms), waiting = new Int32Array(this.terms), ready = [];
    for (let t = 0; t < this.terms; t++) {
      waiting[t] = this.parentStart[t + 1] - this.parentStart[t];
      if (!waiting[t]) ready.push(t);
    }
    for (let i = 0; i < ready.length; i++) {
      place[ready[i]] = i;
      for (let k = this.childStart[ready[i]]; k < this.childStart[ready[i] + 1]; k++)
        if (!--waiting[this.child[k]]) ready.push(this.child[k]);
    }
    if (ready.length < this.terms) throw new Error("The ontology must have no circle.");
    return place;
  }
  // A term and all its kinds, general first: steps up to it, and the share of walks through it.
  below(a) {
    const steps = this.steps, share = this.share, found = [a];
    steps[a] = 0;
    for (let i = 0; i < found.length; i++)
      for (let k = this.childStart[found[i]]; k < this.childStart[found[i] + 1]; k++) {
        const t = this.child[k];
        if (steps[t] < 0) { steps[t] = steps[found[i]] + 1; found.push(t); }
      }
    found.sort((s, t) => this.place[s] - this.place[t]);
    const out = found.map((t) => {
      const first = this.parentStart[t], end = this.parentStart[t + 1];
      share[t] = t === a ? 1 : 0;
      if (t !== a) for (let k = first; k < end; k++) share[t] += share[this.parent[k]] / (end - first);
      return { term: t, way: Math.min(steps[t], FAR), share: share[t] };
    });
    found.forEach(function (t) { steps[t] = -1; share[t] = 0; });
    return out;
  }
  // All ways from a reported term to listed ones: its kinds, and what it is a kind of.
  ways(a) {
    const out = this.below(a);
    for (let k = this.parentStart[a]; k < this.parentStart[a + 1]; k++) {
      const t = this.parent[k];
      out.push({ term: t, way: DOWN, share: 1 / (this.childStart[t + 1] - this.childStart[t]) });
    }
    return out;
  }
  // What a report says to every disease: above 0 for it, below 0 against it.
  message(report) {
    const key = [report.term, report.present, report.reporter].join();
    let found = this.memory.get(key);
    if (!found) {
      found = report.present ? this.forMessage(report) : this.againstMessage(report);
      if (this.memory.size >= KEPT) this.memory.clear();
      this.memory.set(key, found);
    }
    return found;
  }
  forMessage(report) {
    const r = report.reporter, w = this.weights, alpha = this.weigh.way[r], phi = this.weigh.frequency;
    const s = new Float64Array(this.diseases);
    let common = 0; // the same for all diseases, on average
    for (const { term, way, share } of this.ways(report.term)) {
      let seen = 0;
      for (let k = this.linkStart[term]; k < this.linkStart[term + 1]; k++) {
        const d = this.linkDisease[k], c = this.linkFrequency[k];
        s[d] += share * alpha[way] * phi[c];
        seen += MIDPOINTS[c] / this.expected[d];
      }
      common += alpha[way] * share * seen;
    }
    const base = w.common[r] * Math.log(Math.max(common / this.diseases, 1e-30)) + w.doubt[r];
    for (let d = 0; d < s.length; d++)
      if (s[d] > 0) s[d] = w.gain[r] * softplus(Math.log(s[d]) - w.size[r] * this.logExpected[d] - base);
    return s;
  }
  againstMessage(report) {
    const trust = 1 / (1 + Math.exp(-this.weights.trust[report.reporter])), sum = new Float64Array(this.diseases);
    for (const { term } of this.below(report.term))
      for (let k = this.linkStart[term]; k < this.linkStart[term + 1]; k++)
        sum[this.linkDisease[k]] += this.weigh.absent[this.linkFrequency[k]];
    return sum.map(function (x) { return x > 0 ? Math.log1p(trust * Math.expm1(-x)) : 0; });
  }
  // Reports [identifier, present, "patient" or "clinician"] → each once, in an order of their own.
  patient(reports) {
    const found = new Map();
    for (const [id, present, by] of reports) {
      const reporter = REPORTERS.indexOf(by), term = this.index.get(id);
      if (reporter < 0) throw new Error("A report must be by one of " + REPORTERS.join(", ") + ", got " + by);
      if (term === undefined) throw new Error("A report must be of a term of the graph such as HP:0001166, got " + id);
      const report = { term: term, present: Boolean(present), reporter: reporter };
      found.set([this.graph.termIds[term], report.present, reporter].join(), report);
    }
    if (!found.size) throw new Error("There must be at least one report.");
    const out = Array.from(found.keys()).sort().map(function (key) { return found.get(key); });
    const [clash] = this.clashes(out);
    if (clash) {
      const names = this.graph.termNames;
      throw new Error("Reports contradict each other: " + names[clash.absent] + " absent and " + names[clash.present] + " present");
    }
    return out;
  }
  // Terms reported absent while they, or a kind of them, are reported present.
  clashes(reports) {
    const absent = new Set(), out = [];
    reports.forEach(function (r) { if (!r.present) absent.add(r.term); });
    for (const r of absent.size ? reports : []) {
      if (!r.present) continue;
      const above = [r.term], seen = new Set(above);
      for (let i = 0; i < above.length; i++) {
        if (absent.has(above[i])) out.push({ absent: above[i], present: r.term });
        for (let k = this.parentStart[above[i]]; k < this.parentStart[above[i] + 1]; k++)
          if (!seen.has(this.parent[k])) { seen.add(this.parent[k]); above.push(this.parent[k]); }
      }
    }
    return out;
  }
  scores(reports) {
    const patient = this.patient(reports), rho = this.weights.readout, out = new Float64Array(this.diseases);
    const told = Math.log(Math.max(patient.filter(function (r) { return r.present; }).length, 1));
    for (const report of patient) {
      const message = this.message(report);
      for (let d = 0; d < out.length; d++) out[d] += message[d];
    }
    return out.map((sum, d) => {
      const size = this.logExpected[d] - 2;
      return (sum + size * (rho[0] + rho[1] * told + rho[2] * size)) / this.weights.temperature;
    });
  }
  probabilities(reports) {
    const scores = this.scores(reports), top = scores.reduce(function (a, b) { return Math.max(a, b); });
    const out = scores.map(function (x) { return Math.exp(x - top); });
    const sum = out.reduce(function (a, b) { return a + b; });
    return out.map(function (x) { return x / sum; });
  }
  // The k most probable diseases; evidence: the message of each report, in the order given.
  diagnose(reports, k) {
    const p = this.probabilities(reports), graph = this.graph;
    const best = Array.from(p.keys()).sort(function (a, b) { return p[b] - p[a] || a - b; }).slice(0, k || 10);
    const said = reports.map(([id, present, by]) => this.message(
      { term: this.index.get(id), present: Boolean(present), reporter: REPORTERS.indexOf(by) }));
    return best.map(function (d) {
      return {
        index: d, id: graph.diseaseIds[d], name: graph.diseaseNames[d], probability: p[d],
        evidence: said.map(function (message) { return message[d]; }),
      };
    });
  }
  // Which entry of a disease's list a report meets best: { term, way, frequency }, or null.
  why(report, d) {
    const alpha = this.weigh.way[report.reporter], phi = this.weigh.frequency, at = new Map();
    for (const w of report.present ? this.ways(report.term) : this.below(report.term)) at.set(w.term, w);
    let best = null, most = 0;
    for (let k = this.listStart[d]; k < this.listStart[d + 1]; k++) {
      const w = at.get(this.list[k]), c = this.listFrequency[k];
      const weight = w && (report.present ? w.share * alpha[w.way] * phi[c] : this.weigh.absent[c]);
      if (weight > most) { most = weight; best = { term: w.term, way: w.way, frequency: FREQUENCIES[c] }; }
    }
    return best;
  }
  // How many diseases list a term or a kind of it.
  known(a) {
    if (!this.counts.has(a)) {
      const seen = new Uint8Array(this.diseases);
      for (const { term } of this.below(a))
        for (let k = this.linkStart[term]; k < this.linkStart[term + 1]; k++) seen[this.linkDisease[k]] = 1;
      this.counts.set(a, seen.reduce(function (a, b) { return a + b; }));
    }
    return this.counts.get(a);
  }
}
window.gdlDiagnosis = Object.assign(window.gdlDiagnosis || {}, { Network: Network, decode: decode, varints: varints });
})();
