// What a reader meets in the charts of a page: faults of their words, how many there are, the least size.
// A letter's box is a font's ascent and descent, of which only the middle is ink. Words that are turned
// by neither 0 nor 90 degrees have boxes with empty corners, so they are not compared with others.
([smallest, contrast]) => {
  const bad = [];
  let words = 0, least = Infinity;
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = rgb => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
  const numbers = text => (text.match(/[\d.]+/g) || []).map(Number);
  const probe = document.createElement('i');
  probe.style.color = 'var(--gdl-paper)';
  document.body.append(probe);
  const page = numbers(getComputedStyle(probe).color);
  probe.remove();
  const stills = [...document.querySelectorAll('.gdl-chart[hidden]')];
  stills.forEach(still => { still.hidden = false; });
  document.querySelectorAll('details:not([open])').forEach(d => {
    if (d.querySelector('.gdl-chart')) d.open = true;
  });
  document.querySelectorAll('.gdl-chart').forEach((chart, number) => {
    const svg = [...chart.querySelectorAll(':scope > svg:not(.gdl-pictures)')].find(s => s.getBoundingClientRect().width);
    const say = (what, which) => bad.push(`chart ${number}: ${what}: ${which.join(' | ')}`);
    if (!svg) return say('it has no drawing', [chart.outerHTML.slice(0, 80)]);
    svg.scrollIntoView({ block: 'start', behavior: 'instant' });
    const whole = svg.getBoundingClientRect(), boxes = [];
    svg.querySelectorAll('text').forEach(text => {
      const says = text.textContent.trim();
      if (!says) return;
      words += 1;
      const m = text.getScreenCTM(), r = text.getBoundingClientRect();
      const parts = [text, ...text.querySelectorAll('tspan')].filter(t => t.children.length === 0);
      const sizes = parts.map(t => parseFloat(getComputedStyle(t).fontSize) * Math.hypot(m.a, m.b));
      // Indices of formulas are smaller, as everywhere: the largest letter counts.
      const size = Math.max(...sizes);
      least = Math.min(least, size);
      if (size < smallest) say(`${size.toFixed(1)} px are too small`, [says]);
      if (r.left < whole.left - 2 || r.right > whole.right + 2 || r.top < whole.top - 2 ||
          r.bottom > whole.bottom + 2) say('it leaves the drawing', [says]);
      const level = Math.abs(m.b) < 1e-3, upright = Math.abs(m.a) < 1e-3;
      if (level || upright) {
        const dx = upright ? 0.22 * r.width : 0.5, dy = level ? 0.22 * r.height : 0.5;
        boxes.push([says, r.left + dx, r.right - dx, r.top + dy, r.bottom - dy]);
      }
      const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
      const below = document.elementsFromPoint(x, y).filter(e => svg.contains(e) && e !== svg &&
        !e.closest('text'));
      let ground = page;
      for (const e of below) {
        if (e.tagName === 'image') { ground = null; break; }
        const css = getComputedStyle(e), fill = numbers(css.fill);
        if (css.fill === 'none' || fill.length < 3) continue;
        const opaque = (fill[3] ?? 1) * css.fillOpacity * css.opacity;
        if (opaque < 0.9) { ground = null; break; }
        ground = fill;
        break;
      }
      const ink = numbers(getComputedStyle(parts[0]).fill);
      if (ground && ink.length >= 3) {
        const [a, b] = [light(ink), light(ground)].sort((p, q) => q - p);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < contrast) say(`a contrast of ${ratio.toFixed(1)}`, [says]);
      }
    });
    boxes.forEach((a, i) => boxes.slice(0, i).forEach(b => {
      if (a[1] < b[2] && b[1] < a[2] && a[3] < b[4] && b[3] < a[4]) say('words overlap', [b[0], a[0]]);
    }));
  });
  stills.forEach(still => { still.hidden = true; });
  return { bad, words, least };
}
