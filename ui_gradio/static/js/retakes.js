const st = window.st, el = st.el, q = s => element.querySelector(s);
const PLAY = '<svg aria-hidden="true" viewBox="0 0 24 24" width="16" height="16" fill="currentColor"><path class="pl" d="M8 5.5v13l11-6.5z"/><path class="pa" d="M7 5h3.5v14H7zM13.5 5H17v14h-3.5z"/></svg>';
const piece = q('[name=piece]'), chapter = q('[name=chapter]'), list = q('.rtl'), go = q('.rtgo');
let sheet = null, open = '', voices = null, turn = 0, form = { count: 2 };
const button = (text, fn, cls = '', label = '', more = {}) => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, 'aria-label': label || false, ...more }, text);
const key = p => p.first + '-' + p.past;
const listen = (label, item) => {
  const b = el('button', { type: 'button', class: 'play small', 'aria-label': label, 'aria-pressed': 'false', 'data-key': item.key, onclick: () => st.play(item) });
  b.innerHTML = PLAY; return b;
};
/* From where it begins to where it ends in the piece. */
const original = p => ({ ...sheet.row, key: sheet.row.url + '#' + key(p), title: p.text.slice(0, 60), sub: 'As it stands in the piece', at: Math.max(0, p.start - 0.05), until: p.end + 0.08 });
const wave = d => {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.setAttribute('viewBox', '0 0 384 40'); svg.setAttribute('preserveAspectRatio', 'none'); svg.setAttribute('class', 'wf'); svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', d); svg.append(path); return svg;
};
const long = s => s.toFixed(1) + ' s';
const choose = async (id, chosen) => { const a = await st.ask(server, 'choose', { id, chosen }); if (a) show(true); };
const cards = p => {
  const mine = sheet.takes.filter(t => t.first === p.first && t.past === p.past), none = !mine.some(t => t.chosen);
  const card = (name, label, play, d, dur, on, pick, t) => el('div', { class: 'rtc' + (on ? ' sel' : ''), role: 'listitem', 'data-take': t ? t.id : 'original' },
    el('div', { class: 'rh' }, play, el('b', {}, name), el('small', {}, [label, dur].filter(Boolean).join(' · '))), d ? wave(d) : el('div', { class: 'wf' }),
    el('div', { class: 'drow' }, el('small', { class: 'said' }, t ? [t.cost, t.warning].filter(Boolean).join(' · ') : ''), t && t.doubt ? el('em', { class: 'pill warn', title: t.doubt_why }, t.doubt) : '',
      button(on ? 'Chosen' : 'Use this', pick, on ? 'ink' : '', (on ? 'Chosen: ' : 'Use ') + name.toLowerCase(), { 'aria-pressed': on })));
  return el('div', { class: 'rtcs', role: 'list', 'aria-label': 'Takes side by side' },
    card('Take 1', 'in the piece', listen('Play take 1', original(p)), p.d, long(p.end - p.start), none, () => { const c = mine.find(t => t.chosen); if (c) choose(c.id, false); }, null),
    ...mine.map(t => card('Take ' + t.number, t.label, listen('Play take ' + t.number, { ...t, key: t.url, title: 'Take ' + t.number, sub: t.label }), t.d, long(t.seconds), t.chosen, () => choose(t.id, !t.chosen), t)));
};
const slider = (name, label, min, max, step, usual, p) => {
  const i = el('input', { type: 'range', name, min, max, step, value: form[name] ?? usual, 'aria-label': label }), out = el('output', {}, String(form[name] ?? usual));
  i.addEventListener('input', () => { form[name] = Number(i.value) === usual ? undefined : Number(i.value); out.textContent = i.value; weigh(p); });
  return el('label', { class: 'field' }, el('span', {}, label, ' ', out), i);
};
const select = (name, label, options, p) => {
  const s = el('select', { class: 'inp', name, 'aria-label': label }, ...options.map(([v, t]) => el('option', { value: v, selected: String(form[name] ?? '') === String(v) }, t)));
  s.addEventListener('change', () => { form[name] = s.value || undefined; weigh(p); });
  return el('label', { class: 'field' }, el('span', {}, label), s);
};
const asked = p => ({ id: sheet.id, first: p.first, past: p.past, count: Number(form.count || 2), ...Object.fromEntries(['words', 'voice', 'emotion', 'speed', 'pitch', 'range'].map(n => [n, form[n]])) });
let waiting = 0;
const weigh = p => {
  clearTimeout(waiting);
  const mine = ++turn;
  waiting = setTimeout(async () => {
    const a = await st.ask(server, 'weigh', asked(p)); const out = list.querySelector('.rtf output.price');
    if (mine === turn && out) { out.textContent = a ? a.usd : 'not possible like this'; list.querySelector('.rtf [name=make]').disabled = !a; }
  }, 250);
};
const ask = p => {
  const words = el('textarea', { class: 'inp', rows: 2, name: 'words', maxlength: 20000, 'aria-label': 'Words' });
  words.value = form.words ?? p.text;
  words.addEventListener('input', () => { form.words = words.value === p.text ? undefined : words.value; weigh(p); });
  const make = button('Make takes', async () => {
    make.disabled = true;
    const a = await st.ask(server, 'take', asked(p));
    make.disabled = false;
    if (a) { st.follow(a.job); st.toast('ok', 'In the queue', 'The takes appear here.'); }
  }, 'ink', '', { name: 'make' });
  weigh(p);
  return el('div', { class: 'rtf' }, p.text ? el('label', { class: 'field' }, el('span', {}, 'Words'), words) : '',
    el('div', { class: 'rtw' }, select('count', 'Takes', [1, 2, 3, 4].map(n => [n, n]), p), voices ? select('voice', 'Voice', [['', 'As it is'], ...voices.map(v => [v.id, v.name])], p) : '',
      p.obeys.includes('emotion') ? select('emotion', 'Emotion', [['', 'As it is'], ...props.emotions.map(e => [e, e])], p) : '',
      slider('speed', 'Speed', 0.5, 2, 0.05, 1, p), slider('pitch', 'Pitch', -12, 12, 0.5, 0, p), p.obeys.includes('range') ? slider('range', 'Liveliness', 0, 2, 0.1, 1, p) : ''),
    el('div', { class: 'drow' }, el('small', { class: 'said' }, sheet.redraws ? 'This voice says it another way each time.' : 'This voice says the same words the same way: takes differ in pace, pitch and liveliness.'), el('span', { class: 'acts' }, el('output', { class: 'price' }), make)));
};
const toggle = p => { form = { count: 2 }; open = open === key(p) ? '' : key(p); paint(); };
const row = (p, whole) => {
  const mine = sheet.takes.filter(t => t.first === p.first && t.past === p.past), used = mine.find(t => t.chosen);
  return el('div', { class: 'rtp' + (whole ? ' whole' : '') + (open === key(p) ? ' open' : ''), role: 'listitem', 'data-passage': key(p) },
    el('div', { class: 'rh' }, listen('Play ' + (p.text || p.section).slice(0, 60), used ? { ...used, key: used.url, title: 'Take ' + used.number, sub: used.label } : original(p)),
      el('div', { class: 'tx' }, whole ? el('h3', {}, p.section || 'The whole piece') : el('p', {}, p.text), el('small', {}, [whole ? '' : p.who, st.clock(p.start), used ? 'take ' + used.number + ' chosen' : mine.length ? (mine.length + 1) + ' takes' : ''].filter(Boolean).join(' · '))),
      button(open === key(p) ? 'Close' : mine.length ? 'Compare' : 'New take', () => toggle(p), '', (open === key(p) ? 'Close ' : mine.length ? 'Compare takes of ' : 'New take of ') + (p.text || p.section || 'the whole piece').slice(0, 60))),
    open === key(p) ? el('div', { class: 'rtb' }, cards(p), ask(p)) : '');
};
const paint = () => {
  const kept = document.activeElement && list.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : '';
  const rows = [];
  let section = null, group = [];
  const flush = () => {
    if (!group.length) return;
    const whole = { ...group[0], past: group[group.length - 1].past, end: group[group.length - 1].end, text: '', d: '', obeys: group[0].obeys };
    if (group.length > 1) rows.push(row(whole, true)); else if (section) rows.push(el('div', { class: 'rtp whole' }, el('h3', {}, section)));
    group.forEach(p => rows.push(row(p, false)));
  };
  for (const p of sheet.passages) { if (p.section !== section) { flush(); group = []; section = p.section; } group.push(p); }
  flush();
  list.replaceChildren(...rows);
  go.hidden = !sheet.chosen;
  go.querySelector('[role=status]').textContent = sheet.chosen === 1 ? '1 passage is replaced' : sheet.chosen + ' passages are replaced';
  if (kept) { const f = [...list.querySelectorAll('[aria-label]')].find(n => n.getAttribute('aria-label') === kept); if (f) f.focus(); }
  mark(st.state());
};
const mark = s => list.querySelectorAll('[data-key]').forEach(b => { const on = s.item && s.item.key === b.dataset.key && s.playing; b.classList.toggle('on', !!on); b.setAttribute('aria-pressed', !!on); });
st.hear('st:sound', mark);
const show = async quiet => {
  if (!piece.value) { sheet = null; list.replaceChildren(); go.hidden = true; return; }
  const wanted = piece.value, a = await st.ask(server, 'passages', { id: wanted, chapter: chapter.value }, quiet);
  if (piece.value !== wanted) return;
  if (!a) { if (!quiet) { sheet = null; list.replaceChildren(el('p', { class: 'none' }, 'This piece cannot be taken anew in parts.')); go.hidden = true; } return; }
  sheet = a;
  q('.chs').hidden = !a.chapters.length;
  chapter.replaceChildren(...a.chapters.map(c => el('option', { value: c.id, selected: c.id === a.id }, c.name + (c.chosen ? ' · ' + c.chosen + ' chosen' : ''))));
  paint();
};
const pieces = async () => {
  const a = await st.ask(server, 'spoken', {}, true); if (!a) return;
  const held = st.takesOf || piece.value; st.takesOf = '';
  piece.replaceChildren(...a.rows.map(r => el('option', { value: r.id, selected: r.id === held }, r.name)));
  q('.none').hidden = a.rows.length > 0;
  /* What is being typed is not swept away by what happens elsewhere. */
  if (list.contains(document.activeElement) && document.activeElement.closest('.rtf')) { const b = sheet && await st.ask(server, 'passages', { id: piece.value, chapter: chapter.value }, true); if (b && sheet && b.id === sheet.id) { sheet = b; const at = list.querySelector('.rtp.open .rtcs'), p = sheet.passages.find(x => key(x) === open) || null; if (at && p) at.replaceWith(cards(p)); } return; }
  await show(true);
};
piece.addEventListener('change', () => { open = ''; chapter.replaceChildren(); show(); });
chapter.addEventListener('change', () => { open = ''; show(); });
element.addEventListener('click', async e => {
  const b = e.target.closest('[data-act=assemble]'); if (!b || !sheet) return;
  b.disabled = true;
  const a = await st.ask(server, 'assemble', { id: sheet.whole });
  b.disabled = false;
  if (a) { st.follow(a.job, true); st.toast('ok', 'In the queue', 'The new version appears in the library.'); }
});
st.hear('st:changed', () => { if (st.view() === 'takes') pieces(); });
const enter = async () => {
  if (st.takesOf) { open = ''; chapter.replaceChildren(); }
  if (!voices) { const a = await st.ask(server, 'voices', {}, true); voices = a ? a.rows : null; }
  pieces();
};
st.hear('st:view', v => { if (v.page === 'takes') enter(); });
if (st.view() === 'takes') enter();
