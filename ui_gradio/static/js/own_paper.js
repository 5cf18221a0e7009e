const st = window.st, el = st.el, q = s => element.querySelector(s);
const PLATFORMS = JSON.parse(q('.om').dataset.platforms);
/* What a licence says, how it is asked, and in which words. */
const FIELDS = {
  title: ['Title', 'text'], artist: ['Artist', 'text'], certificate: ['Certificate', 'text'], starts_on: ['From', 'day'], ends_on: ['Until', 'end'], platforms: ['Platforms', 'platforms'],
  territories: ['Territories', 'places'], commercial: ['Commercial use', 'yes'], projects: ['Project', 'projects'], price_usd: ['Price ($)', 'text'], attribution: ['Credit line', 'text'], code: ['Code for the platform', 'text'],
};
const ALWAYS = ['title', 'starts_on', 'ends_on', 'platforms', 'territories', 'commercial'], LONGEST = { title: 200, artist: 200, certificate: 200, attribution: 1000, code: 100, price_usd: 20 };
let projects = [];
const box = (words, on, more = {}) => { const i = el('input', { type: 'checkbox', ...more }); i.checked = on; return el('label', { class: 'check' }, i, ' ', words); };
const text = (name, value, more = {}) => el('input', { class: 'inp', name, value: value == null ? '' : String(value), 'aria-label': FIELDS[name][0], ...more });
/* A field's controls, and how its answer is read: undefined where nothing is said. */
const asks = {
  text: (n, v) => [text(n, v, { maxlength: LONGEST[n] }), r => r.querySelector('.inp').value.trim() || undefined],
  day: (n, v) => [text(n, v, { type: 'date' }), r => r.querySelector('.inp').value || undefined],
  end: (n, v, known) => [[text(n, v, { type: 'date' }), box('never ends', known && v === null, { 'aria-label': 'It never ends' })], r => r.querySelector('[type=checkbox]').checked ? null : r.querySelector('.inp').value || undefined],
  platforms: (n, v, known) => [[box('everywhere', known && Array.isArray(v) && !v.length, { 'data-all': '1', 'aria-label': 'On every platform' }), ...PLATFORMS.map(([id, words]) => box(words, (v || []).includes(id), { value: id }))], r => r.querySelector('[data-all]').checked ? [] : (x => x.length ? x : undefined)([...r.querySelectorAll('[type=checkbox]:checked')].map(i => i.value))],
  places: (n, v, known) => [[text(n, (v || []).join(', '), { maxlength: 400, placeholder: 'FR, MC' }), box('worldwide', known && Array.isArray(v) && !v.length, { 'aria-label': 'It holds worldwide' })], r => r.querySelector('[type=checkbox]').checked ? [] : (x => x.length ? x : undefined)(r.querySelector('.inp').value.split(',').map(t => t.trim()).filter(Boolean))],
  yes: (n, v) => { const s = el('select', { class: 'inp', name: n, 'aria-label': FIELDS[n][0] }, el('option', { value: '' }, 'Not said'), el('option', { value: 'true' }, 'Yes'), el('option', { value: 'false' }, 'No')); s.value = v === true ? 'true' : v === false ? 'false' : ''; return [s, r => (x => x === '' ? undefined : x === 'true')(r.querySelector('select').value)]; },
  projects: (n, v) => { const s = el('select', { class: 'inp', name: n, 'aria-label': FIELDS[n][0] }, el('option', { value: '' }, 'Choose…'), el('option', { value: '*' }, 'Any project'), ...projects.map(p => el('option', { value: p.id }, p.name))); s.value = (v || [])[0] || ''; return [s, r => (x => x === '' ? undefined : x === '*' ? [] : [x])(r.querySelector('select').value)]; },
};
/* One paper's reading as a form; `confirm` gets what was said. */
const paperForm = (track, paper, confirm) => {
  const fields = paper ? paper.fields : {}, missing = paper ? paper.missing : track.missing, readers = {};
  const names = Object.keys(FIELDS).filter(n => ALWAYS.includes(n) || fields[n] || missing.includes(n) || ['artist', 'certificate', 'attribution'].includes(n));
  const line = n => {
    const [label, kind] = FIELDS[n], said = fields[n], value = said ? said.value : n === 'title' ? track.title : n === 'artist' ? track.artist : undefined, [controls, reader] = asks[kind](n, value, !!said);
    const r = el('div', { class: 'om-line' + (missing.includes(n) ? ' asked' : ''), 'data-field': n }, el('span', { class: 'om-label' }, label), el('div', { class: 'om-v' }, ...[controls].flat()), el('small', {}, said ? 'Read from: “' + said.snippet + '”' : missing.includes(n) ? 'Not said: answer it.' : ''));
    readers[n] = () => reader(r);
    return r;
  };
  const others = Object.entries(fields).filter(([n]) => !FIELDS[n]);
  const form = el('form', { class: 'om-form', 'aria-label': 'Licence of ' + track.title }, ...names.map(line),
    ...others.map(([n, said]) => el('div', { class: 'om-line' }, el('span', { class: 'om-label' }, n.replace(/_/g, ' ')), el('div', { class: 'om-v' }, String(said.value)), el('small', {}, 'Read from: “' + said.snippet + '”'))),
    ...(paper ? paper.notes : []).map(t => el('p', { class: 'om-note' }, t)), el('p', { class: 'om-bad', role: 'alert', hidden: true }),
    el('div', { class: 'drow' }, el('button', { type: 'submit', class: 'tb ink' }, 'Confirm: this is my licence')));
  form.addEventListener('submit', async e => {
    e.preventDefault();
    const values = {}, bad = form.querySelector('.om-bad'), go = form.querySelector('[type=submit]');
    for (const n of names) { const v = readers[n](); if (v !== undefined) values[n] = v; else if (fields[n] && !missing.includes(n) && !ALWAYS.includes(n)) values[n] = n === 'price_usd' ? '0' : ''; }
    const open = names.filter(n => values[n] === undefined && (ALWAYS.includes(n) || missing.includes(n)));
    form.querySelectorAll('.om-line').forEach(r => r.classList.toggle('asked', open.includes(r.dataset.field)));
    bad.hidden = !open.length;
    if (open.length) { bad.textContent = 'Not answered yet: ' + open.map(n => FIELDS[n][0]).join(', ') + '.'; form.querySelector('.asked .inp,.asked input').focus(); return; }
    if (values.price_usd) values.price_usd = values.price_usd.replace(/^\$/, '');
    go.disabled = true; await confirm(values); go.disabled = false;
  });
  form.addEventListener('input', () => { form.dataset.begun = '1'; });
  form.addEventListener('change', e => {
    const r = e.target.closest('.om-v'), all = r && r.querySelector('[data-all]');
    if (all && e.target === all && all.checked) r.querySelectorAll('[value]').forEach(i => { if (i !== all) i.checked = false; });
    else if (all && e.target.checked) all.checked = false;
  });
  return form;
};
