// The page of chapter 21: a field, the chosen symptoms, the ranked diagnoses. It loads the data
// when asked to, and sends nothing anywhere. All that readers type is set as text, never as markup.
(function () {
"use strict";
const frame = document.getElementById("gdl-dx");
if (!frame) return;
const gdl = window.gdlDiagnosis, base = new URL(".", document.currentScript.src);
const FILES = ["vocabulary", "diseases", "graph", "weights"];
const SHOWN = 8, TOP = 10, EVIDENCE = 30; // suggestions, diagnoses, messages of one diagnosis
const UNSURE = 0.5; // below it, the first disease is more probably wrong than right
const OFTEN = {
  obligate: "in every patient", "very frequent": "in 80 to 99 % of patients", frequent: "in 30 to 79 %",
  occasional: "in 5 to 29 %", "very rare": "in 1 to 4 %",
};
const SIGNS = [["present", "Present"], ["absent", "Absent"]];
const WHO = [["patient", "me"], ["clinician", "a clinician"], ["both", "both"]];
// Identifiers, whether present, by whom.
const EXAMPLES = [
  ["A tall patient", "Tall, with long fingers and a displaced lens. A clinician finds a wide aorta; learning is no trouble.", [
    ["HP:0000098", true, "patient"], ["HP:0001166", true, "clinician"], ["HP:0001083", true, "clinician"],
    ["HP:0002616", true, "clinician"], ["HP:0001249", false, "clinician"]]],
  ["Vague words", "Something with the liver, the movements, the behaviour; and then somebody finds a ring in the eye.", [
    ["HP:0001392", true, "patient"], ["HP:0100022", true, "patient"], ["HP:0000708", true, "patient"], ["HP:0200032", true, "clinician"]]],
  ["Too little to go on", "A headache and tiredness. The model should not pretend to know.", [
    ["HP:0002315", true, "patient"], ["HP:0012378", true, "patient"]]],
];
let network = null, vocabulary = null, loading = null, items = [], serial = 0, open = new Set(), shut = false;

// ------------------------------------------------------------------------------ small helpers
function el(tag, attributes, parent, text) {
  const node = document.createElement(tag);
  for (const key in attributes || {}) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}
function button(text, parent, action, attributes) {
  const node = el("button", Object.assign({ type: "button" }, attributes), parent, text);
  node.addEventListener("click", action);
  return node;
}
function percent(p) {
  if (p >= 0.9995) return "> 99.9 %";
  return p < 0.0005 ? "< 0.1 %" : (100 * p).toFixed(1) + " %";
}
function signed(x) { return (x > 0 ? "+" : x < 0 ? "−" : "") + Math.abs(x).toFixed(1); }
function count(n, word) { return n.toLocaleString("en") + "\u00a0" + word + (n === 1 ? "" : "s"); }
function nameOf(item) { return network.graph.termNames[item.term]; }
function by(item) { return item.by === "both" ? ["patient", "clinician"] : [item.by]; }
function reportsOf(item) {
  return by(item).map(function (who) { return [network.graph.termIds[item.term], item.present, who]; });
}

// -------------------------------------------------------------------------------- the skeleton
const root = el("div", { class: "gdl-dx-grid" }, frame);
const left = el("section", { class: "dx-reports", "aria-labelledby": "dx-reports" }, root);
el("h2", { id: "dx-reports" }, left, "What is reported");
const box = el("div", { class: "dx-combo" }, left);
el("label", { for: "dx-field", id: "dx-label" }, box, "Symptom or sign");
const field = el("input", {
  id: "dx-field", type: "text", role: "combobox", autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "done",
  "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "dx-options", "aria-describedby": "dx-hint", placeholder: "for example: long fingers",
}, box);
const options = el("ul", { id: "dx-options", role: "listbox", "aria-labelledby": "dx-label", hidden: "" }, box);
el("p", { id: "dx-hint", class: "dx-hint" }, left, "English words or HPO identifiers; arrow keys and Enter choose. What you enter stays in this page.");
const status = el("p", { class: "dx-status", role: "status", "aria-live": "polite" }, left);
const progress = el("progress", { max: FILES.length, value: 0, hidden: "", "aria-label": "Loading the model" }, left);
const list = el("ul", { class: "dx-items", "aria-label": "Reported symptoms", hidden: "" }, left);
const clear = button("Remove all", left, function () { set([]); field.focus(); }, { class: "dx-clear", hidden: "" });
const right = el("section", { class: "dx-results", "aria-labelledby": "dx-results" }, root);
el("h2", { id: "dx-results" }, right, "Diagnoses");
const results = el("div", {}, right);
const heard = el("p", { class: "dx-heard", role: "status", "aria-live": "polite" }, right);
function say(text, bad) {
  status.textContent = text;
  status.classList.toggle("dx-bad", Boolean(bad));
}

// --------------------------------------------------------------------------------- the loading
function script(name) {
  return new Promise(function (done, failed) {
    const node = el("script", { src: new URL(name + ".js", base) });
    node.onload = function () { progress.value += 1; node.remove(); done(); };
    node.onerror = function () { node.remove(); failed(new Error(name + ".js is missing.")); };
    document.head.appendChild(node);
  });
}
function pause() { return new Promise(function (done) { setTimeout(done, 0); }); }
function load() {
  if (loading) return loading;
  results.querySelectorAll(".dx-load").forEach(function (node) { node.hidden = true; });
  progress.hidden = false;
  progress.value = 0;
  root.setAttribute("aria-busy", "true");
  say("Loading the vocabulary and the model, half a megabyte …");
  const begin = performance.now();
  loading = Promise.all(FILES.map(script)).then(pause).then(function () {
    const files = window.gdlDiagnosisData, graph = gdl.decode(files);
    network = new gdl.Network(graph, files.weights);
    vocabulary = new gdl.Vocabulary(graph);
    gdl.network = network;
    gdl.loaded = performance.now() - begin;
    say(count(network.terms, "term") + " and " + count(network.diseases, "disease") + " are loaded. Ontology of " + graph.version + ".");
    refresh();
    if (document.activeElement === field && field.value) suggest();
    return network;
  }).catch(function (error) {
    loading = null;
    say("The model could not be loaded: " + error.message, true);
    refresh();
    throw error;
  }).finally(function () {
    progress.hidden = true;
    root.removeAttribute("aria-busy");
  });
  return loading;
}
function quietly(promise) { promise.catch(function () {}); } // the page has said it

// ------------------------------------------------------------------------------- the type-ahead
let offered = [], active = -1;
function close() {
  offered = [];
  active = -1;
  options.hidden = true;
  options.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
function suggest() {
  const query = field.value;
  close();
  if (!network || !query.trim()) return say("");
  const answer = vocabulary.find(query, SHOWN);
  if (!answer.total) return say(unknown(query), true);
  offered = answer.found;
  offered.forEach(function (entry, i) {
    const name = network.graph.termNames[entry.term], row = el("li", { role: "option", id: "dx-option-" + i, "aria-selected": "false" }, options);
    el("span", { class: "dx-name" }, row, name);
    const also = entry.former ? "formerly " + entry.former : entry.label === name ? "" : "“" + entry.label + "”";
    el("span", { class: "dx-small" }, row, [also, network.graph.termIds[entry.term], count(network.known(entry.term), "disease")].filter(Boolean).join(" · "));
    row.addEventListener("mousedown", function (event) { event.preventDefault(); });
    row.addEventListener("click", function () { take(entry.term); });
  });
  options.hidden = false;
  options.scrollTop = 0;
  field.setAttribute("aria-expanded", "true");
  point(0);
  const more = answer.total > offered.length ? ", " + offered.length + " are shown" : "";
  say((answer.mended ? "Nothing begins so. For “" + answer.mended + "”: " : "") + count(answer.total, "suggestion") + more + ".");
}
function unknown(text) {
  const shown = text.trim().length > 60 ? text.trim().slice(0, 60) + "…" : text.trim();
  return "No term for “" + shown + "” among the " + network.terms.toLocaleString("en") + " of this vocabulary. Try another word, or a more general one.";
}
function point(i) {
  if (!offered.length) return;
  if (active >= 0) options.children[active].setAttribute("aria-selected", "false");
  active = (i + offered.length) % offered.length;
  const row = options.children[active];
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", row.id);
}
function identifiers(text) { return text.match(/HP[:_]\d{7}(?!\d)/gi) || []; }
function take(term) {
  field.value = "";
  close();
  add([[network.graph.termIds[term], true, "patient"]]);
}
function enter() {
  const text = field.value, many = identifiers(text);
  if (!network) return quietly(load());
  if (many.length > 1) {
    field.value = "";
    close();
    add(many.map(function (id) { return [id, true, "patient"]; }));
  } else if (active >= 0) take(offered[active].term);
  else if (text.trim()) {
    suggest();
  }
}
field.addEventListener("focus", function () { if (!network) quietly(load()); });
field.addEventListener("input", function () { if (network) suggest(); else quietly(load()); });
field.addEventListener("blur", close);
field.addEventListener("paste", function (event) {
  const many = identifiers(event.clipboardData ? event.clipboardData.getData("text") : "");
  if (many.length < 2) return;
  event.preventDefault();
  const reports = many.map(function (id) { return [id, true, "patient"]; });
  quietly(load().then(function () { field.value = ""; close(); add(reports); }));
});
field.addEventListener("keydown", function (event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.isComposing) return;
  if (step) {
    event.preventDefault();
    if (offered.length) point(active + step); else if (network && field.value.trim()) suggest();
  } else if (event.key === "Enter") {
    event.preventDefault();
    enter();
  } else if (event.key === "Escape") {
    if (offered.length) close(); else field.value = "";
    say("");
  }
});

// -------------------------------------------------------------------------------- the reports
// Add reports [identifier, present, by whom]; what is unknown or there already is said, not added.
function add(reports) {
  const strange = [], again = [], added = [];
  for (const [id, present, who] of reports) {
    const term = network.index.get(id.toUpperCase().replace("_", ":"));
    const old = items.find(function (item) { return item.term === term && item.present === Boolean(present); });
    if (term === undefined) strange.push(id);
    else if (!old) {
      const item = { key: ++serial, term: term, present: Boolean(present), by: who };
      items.push(item);
      added.push(item);
      row(item);
    } else if (by({ by: who }).some(function (w) { return !by(old).includes(w); })) {
      old.by = "both";
      added.push(old);
      row(old);
    } else again.push(old);
  }
  const said = [];
  if (added.length === 1) said.push("Added: " + nameOf(added[0]) + ".");
  if (added.length > 1) said.push("Added " + count(added.length, "report") + ".");
  if (again.length) said.push((again.length === 1 ? nameOf(again[0]) + " is" : count(again.length, "report") + " are") + " in the list already.");
  if (strange.length) said.push("Not in this vocabulary: " + strange.slice(0, 5).join(", ") + (strange.length > 5 ? " and " + (strange.length - 5) + " more" : "") + ".");
  refresh();
  say(said.join(" "), strange.length || again.length);
  again.slice(0, 1).forEach(function (item) {
    item.node.classList.remove("dx-flash");
    void item.node.offsetWidth; // so that the animation begins again
    item.node.classList.add("dx-flash");
  });
}
function set(reports) {
  items.forEach(function (item) { item.node.remove(); });
  items = [];
  open = new Set();
  shut = false;
  say("");
  if (reports.length) add(reports); else refresh();
}
function choice(parent, item, legend, entries, key, value, change) {
  const group = el("fieldset", {}, parent);
  el("legend", {}, group, legend);
  entries.forEach(function ([name, text]) {
    const label = el("label", {}, group), input = el("input", { type: "radio", name: "dx-" + key + "-" + item.key, value: name }, label);
    el("span", {}, label, text);
    input.checked = name === value;
    input.addEventListener("change", function () { change(name); say(""); merge(item); refresh(); });
  });
}
function row(item) {
  const node = el("li", {}), name = nameOf(item), head = el("div", { class: "dx-head" }, node);
  el("span", { class: "dx-name" }, head, name);
  el("span", { class: "dx-small" }, head, network.graph.termIds[item.term]);
  button("×", head, function () { remove(item); }, { class: "dx-remove", "aria-label": "Remove " + name });
  const controls = el("div", { class: "dx-controls" }, node);
  choice(controls, item, "Is it there? " + name, SIGNS, "sign", item.present ? "present" : "absent", function (v) { item.present = v === "present"; });
  const who = el("div", { class: "dx-who" }, controls);
  el("span", { class: "dx-small", "aria-hidden": "true" }, who, "by");
  choice(who, item, "Who reports " + name + "?", WHO, "who", item.by, function (v) { item.by = v; });
  item.note = el("p", { class: "dx-note", hidden: "" }, node);
  if (item.node) item.node.replaceWith(node); else list.appendChild(node);
  item.node = node;
}
// Two rows of one term that have come to say the same become one.
function merge(item) {
  const other = items.find(function (x) { return x !== item && x.term === item.term && x.present === item.present; });
  if (!other) return;
  if (other.by !== item.by) other.by = "both";
  items.splice(items.indexOf(item), 1);
  item.node.remove();
  row(other);
  say("Two reports of " + nameOf(item) + " say the same and have become one.");
  other.node.querySelector("input:checked").focus();
}
function remove(item) {
  const at = items.indexOf(item), next = items[at + 1] || items[at - 1];
  items.splice(at, 1);
  item.node.remove();
  refresh();
  say("Removed: " + nameOf(item) + ".");
  (next ? next.node.querySelector(".dx-remove") : field).focus();
}
// A sentence for each report that contradicts another.
function objections() {
  const out = new Map();
  for (const clash of network.clashes(items)) {
    const present = network.graph.termNames[clash.present], absent = network.graph.termNames[clash.absent];
    const why = clash.present === clash.absent ? present + " cannot be present and absent." :
      present + " is a kind of " + absent + ": it cannot be present while " + absent + " is absent.";
    items.forEach(function (item) {
      if ((item.present && item.term === clash.present) || (!item.present && item.term === clash.absent)) out.set(item, why);
    });
  }
  return out;
}

// ------------------------------------------------------------------------------- the diagnoses
let speaking = 0;
function announce(text) { // once the reader pauses
  clearTimeout(speaking);
  speaking = setTimeout(function () { heard.textContent = text; }, 500);
}
function refresh() {
  list.hidden = clear.hidden = !items.length;
  list.classList.toggle("dx-many", items.length > 15);
  if (!items.length) { announce(""); return empty(); }
  const wrong = objections();
  items.forEach(function (item) {
    item.note.hidden = !wrong.has(item);
    item.note.textContent = wrong.get(item) || "";
    item.node.classList.toggle("dx-wrong", wrong.has(item));
  });
  if (wrong.size) {
    const sentences = Array.from(new Set(wrong.values()));
    results.replaceChildren();
    const note = el("div", { class: "dx-say dx-contradiction" }, results);
    el("p", {}, note, "No diagnosis: these reports cannot all be true.");
    const ul = el("ul", {}, note);
    sentences.slice(0, 5).forEach(function (text) { el("li", {}, ul, text); });
    return announce("No diagnosis. " + sentences[0]);
  }
  const begin = performance.now();
  const ranked = network.diagnose(items.flatMap(reportsOf), TOP);
  draw(ranked, performance.now() - begin);
}
function empty() {
  results.replaceChildren();
  const card = el("div", { class: "dx-empty" }, results);
  el("p", {}, card, "Enter what is reported, and say of each symptom whether it is there and who says so. The model ranks " +
    (network ? count(network.diseases, "rare disease") : "rare diseases") + " by how well they explain the reports. Or begin with an example:");
  const ul = el("ul", { class: "dx-examples", "aria-label": "Examples" }, card);
  EXAMPLES.forEach(function ([title, text, reports]) {
    const node = button("", el("li", {}, ul), function () {
      quietly(load().then(function () { set(reports); results.querySelector("summary").focus(); }));
    });
    el("b", {}, node, title);
    el("span", {}, node, text);
  });
  if (!network && !loading) button("Load the model first (0.5 MB)", card, function () { quietly(load()); field.focus(); }, { class: "dx-load" });
}
function draw(ranked, ms) {
  const sure = ranked[0].probability >= UNSURE, rest = 1 - ranked.reduce(function (a, r) { return a + r.probability; }, 0);
  const most = Math.max.apply(null, ranked.flatMap(function (r) { return r.evidence.map(Math.abs); }).concat(1e-9));
  results.replaceChildren();
  const note = el("div", { class: "dx-say " + (sure ? "dx-sure" : "dx-unsure") }, results);
  el("p", {}, note, sure ? "One disease explains these reports best." : "No clear answer.");
  el("p", {}, note, sure ?
    "The model gives it " + percent(ranked[0].probability) + ". That holds for simulated patients with errors as in its training, and not for real ones." :
    "The model abstains: its first disease gets " + percent(ranked[0].probability) + ", so it is more probable that the patient has another one. More reports, or more exact ones, may decide.");
  el("p", { class: "dx-small" }, results, "The " + ranked.length + " most probable of " + count(network.diseases, "disease") + "; all others share " +
    percent(Math.max(rest, 0)) + ". Computed here in " + Math.max(ms, 0.1).toFixed(1) + " ms. Teaching material, no medical advice.");
  const ol = el("ol", { class: "dx-ranked", "aria-label": "Most probable diseases" }, results);
  ranked.forEach(function (r, i) { diagnosis(r, i, ol, most); });
  announce((sure ? "First of the diagnoses: " : "No clear answer. First: ") + ranked[0].name + ", " + percent(ranked[0].probability) + ".");
}
function diagnosis(r, i, ol, most) {
  let k = 0;
  const messages = items.map(function (item) {
    return by(item).reduce(function (sum) { return sum + r.evidence[k++]; }, 0);
  });
  const details = el("details", {}, el("li", {}, ol)), summary = el("summary", {}, details), body = el("div", { class: "dx-body" }, details);
  el("span", { class: "dx-rank", "aria-hidden": "true" }, summary, i + 1);
  const name = el("span", { class: "dx-name" }, summary, r.name);
  el("span", { class: "dx-small" }, name, " " + r.id);
  el("span", { class: "dx-p" }, summary, percent(r.probability));
  el("i", { style: "width:" + (100 * r.probability).toFixed(2) + "%" }, el("span", { class: "dx-bar", "aria-hidden": "true" }, summary));
  const strip = el("span", { class: "dx-strip", "aria-hidden": "true" }, summary);
  messages.slice(0, 40).forEach(function (m) {
    const cell = el("i", { class: m > 0 ? "dx-for" : m < 0 ? "dx-against" : "" }, strip);
    if (m) cell.style.setProperty("--much", (0.25 + 0.75 * Math.min(1, Math.abs(m) / most)).toFixed(2));
  });
  details.open = open.has(r.index) || (i === 0 && !shut);
  if (details.open) fill();
  details.addEventListener("toggle", function () { if (details.open) fill(); });
  summary.addEventListener("click", function () { // details.open is still as it was
    if (!details.open) { open.add(r.index); fill(); } else { open.delete(r.index); shut = shut || i === 0; }
  });
  function fill() { if (!body.firstChild) evidence(body, r.index, messages, most); }
}
function evidence(body, d, messages, most) {
  const order = Array.from(items.keys()).sort(function (a, b) { return Math.abs(messages[b]) - Math.abs(messages[a]); });
  const groups = [
    ["For", function (m) { return m > 0; }], ["Against", function (m) { return m < 0; }],
    ["Not explained: nothing in its list fits", function (m, item) { return m === 0 && item.present; }],
    ["No matter: not expected anyway", function (m, item) { return m === 0 && !item.present; }],
  ];
  groups.forEach(function ([title, belongs]) {
    const found = order.filter(function (j) { return belongs(messages[j], items[j]); });
    if (!found.length) return;
    el("p", { class: "dx-group" }, body, title);
    const ul = el("ul", {}, body);
    found.slice(0, EVIDENCE).forEach(function (j) {
      const item = items[j], m = messages[j], li = el("li", {}, ul), words = el("span", { class: "dx-words" }, li);
      el("span", {}, words, (item.present ? "" : "Absent: ") + nameOf(item));
      const why = m ? reason(item, d) : "";
      if (why) el("span", { class: "dx-small" }, words, why);
      if (!m) return;
      const track = el("span", { class: "dx-track", "aria-hidden": "true" }, li), bar = el("i", { class: m > 0 ? "dx-for" : "dx-against" }, track);
      bar.style.width = Math.max(1, 100 * Math.abs(m) / most) + "%";
      el("span", { class: "dx-value" }, li, signed(m));
    });
    if (found.length > EVIDENCE) el("p", { class: "dx-small" }, body, "and " + (found.length - EVIDENCE) + " more");
  });
}
function reason(item, d) {
  const best = network.why({ term: item.term, present: item.present, reporter: item.by === "clinician" ? 1 : 0 }, d);
  if (!best) return "";
  const listed = network.graph.termNames[best.term], often = OFTEN[best.frequency];
  const how = best.way === 0 ? "in its list" : best.way === 6 ? "its list says, less exactly: " + listed : "its list says: " + listed;
  return (item.present ? "" : "expected; ") + how + ", " + often;
}

empty();
Object.assign(gdl, {
  load: load, set: set,
  reports: function () { return items.flatMap(reportsOf); },
  scores: function (reports) { return network.scores(reports); },
  probabilities: function (reports) { return network.probabilities(reports); },
  diagnose: function (reports, k) { return network.diagnose(reports, k); },
});
})();
