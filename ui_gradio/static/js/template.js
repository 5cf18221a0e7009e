const st = window.st, el = st.el, box = element.querySelector('.tpo');
const NAMES = { seconds: 'Length (seconds)', bpm: 'Tempo (BPM)', key: 'Key', prompt: 'Prompt', seed: 'Seed', stems: 'Stems', loopable: 'Loops', instruments: 'Featured instruments', top_k: 'Top k', top_p: 'Top p' };
const title = name => NAMES[name] || (name[0].toUpperCase() + name.slice(1)).replaceAll('_', ' ');
const button = (text, fn, cls = '', props = {}) => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, ...props }, text);
const field = (label, control, cls = '') => el('label', { class: 'field ' + cls }, el('span', {}, label), control);
const select = (pairs, value, props = {}) => { const s = el('select', { class: 'inp', ...props }, ...pairs.map(([k, v]) => el('option', { value: k }, v))); s.value = value; return s; };
let shown = null, provider = '', controls = {}, turn = 0;
const text = v => v === null || v === undefined ? '' : Array.isArray(v) ? v.join(', ') : String(v);
/* One control for a field of the engine; read() answers null where it is left open. */
const control = f => {
  const props = { 'data-field': f.name };
  let node, read;
  if (f.kind === 'choice') { node = select([['', 'Open'], ...f.choices.map(c => [c, c])], text(f.value), props); read = () => node.value || null; }
  else if (f.kind === 'flag') { node = select([['', 'Open'], ['true', 'Yes'], ['false', 'No']], text(f.value), props); read = () => node.value ? node.value === 'true' : null; }
  else if (f.kind === 'long') { node = el('textarea', { class: 'inp', rows: 2, placeholder: 'open', ...props }); node.value = text(f.value); read = () => node.value.trim() || null; }
  else if (f.kind === 'number' || f.kind === 'whole') { node = el('input', { class: 'inp', type: 'number', min: f.low, max: f.high, step: f.kind === 'whole' ? 1 : 'any', placeholder: 'open', ...props }); node.value = text(f.value); read = () => node.value === '' ? null : Number(node.value); }
  else { node = el('input', { class: 'inp', type: 'text', placeholder: f.kind === 'list' ? 'open, or: ' + f.choices.slice(0, 2).join(', ') : 'open', ...props }); node.value = text(f.value);
    read = () => f.kind === 'list' ? (node.value.trim() ? node.value.split(',').map(x => x.trim()).filter(Boolean) : null) : node.value.trim() || null; }
  const was = JSON.stringify(read());
  controls[f.name] = { read, set: v => { node.value = text(v); look(); }, changed: () => JSON.stringify(read()) !== was };
  node.addEventListener('input', look); node.addEventListener('change', look);
  return field(title(f.name), node, f.kind === 'long' || f.kind === 'list' ? 'wide' : '');
};
const overrides = () => Object.fromEntries(Object.entries(controls).filter(([, c]) => c.changed()).map(([name, c]) => [name, c.read()]));
const about = () => { const n = box.querySelector('[data-own=name]'); return { name: n.value, description: box.querySelector('[data-own=description]').value, use_cases: [...box.querySelectorAll('[data-case][aria-pressed=true]')].map(b => b.dataset.case) }; };
/* All that a version holds, as it stands here: what this engine has no control for stays as it is. */
const content = () => {
  const fields = { ...shown.fields };
  for (const [name, c] of Object.entries(controls)) { const v = c.read(); if (v === null) delete fields[name]; else fields[name] = v; }
  return { ...about(), fields };
};
const dirty = () => Object.keys(overrides()).length > 0 || (shown.may_edit && ['name', 'description', 'use_cases'].some(n => JSON.stringify(about()[n]) !== JSON.stringify(shown[n])));
const look = () => { const s = box.querySelector('.save'); if (s) s.disabled = !dirty(); const w = box.querySelector('.differs'); const n = Object.keys(overrides()).map(title); w.textContent = n.length ? 'Different this time: ' + n.join(', ') : 'As the template says'; };
const make = async (draft, best) => {
  const a = await st.ask(server, 'compose_from', { id: shown.id, provider, overrides: overrides(), draft, best });
  if (a) { st.follow(a.job, true); st.soon(); }
};
const put = body => fetch('/api/templates/' + shown.id, { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
const save = async (body = { based_on: shown.version, ...content() }) => {
  const answer = await put(body), data = await answer.json();
  if (answer.status === 409) { merge(body, data); return; }
  if (!answer.ok) { st.toast('error', data.detail, data.hint || ''); return; }
  st.toast('ok', data.version === shown.version ? 'Nothing was different' : 'Saved as version ' + data.version, data.name); open(data.id);
};
/* Somebody saved meanwhile: both values of every field that differs, and the choice which of them goes into the next version. */
const merge = async (mine, problem) => {
  const theirs = await st.rest('GET', '/templates/' + shown.id); if (!theirs) return;
  const flat = c => ({ name: c.name, description: c.description, use_cases: c.use_cases, ...c.fields }), same = (x, y) => JSON.stringify(x) === JSON.stringify(y);
  const a = flat(mine), b = flat(theirs), before = flat(shown), names = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(n => !same(a[n], b[n]));
  const picks = Object.fromEntries(names.map(n => [n, select([['mine', 'Yours: ' + (text(a[n]) || 'open').slice(0, 60)], ['theirs', 'Theirs: ' + (text(b[n]) || 'open').slice(0, 60)]], same(a[n], before[n]) ? 'theirs' : 'mine', { 'aria-label': title(n) })]));
  const close = () => { dialog.close(); dialog.remove(); };
  const both = () => {
    const whole = { based_on: theirs.version, fields: { ...theirs.fields }, message: 'Merged with version ' + theirs.version };
    for (const n of names) {
      const v = picks[n].value === 'mine' ? a[n] : b[n];
      if (['name', 'description', 'use_cases'].includes(n)) whole[n] = v; else if (v === undefined) delete whole.fields[n]; else whole.fields[n] = v;
    }
    return whole;
  };
  const dialog = el('dialog', { class: 'box merge', 'aria-label': 'Two edits' }, el('form', { method: 'dialog', onsubmit: e => { e.preventDefault(); const whole = both(); close(); save({ ...content(), ...whole }); } },
    el('h2', {}, 'Two edits of the same template'), el('p', {}, problem.detail), ...names.map(n => field(title(n), picks[n])),
    el('div', { class: 'drow' }, button('Not now', close), el('button', { type: 'submit', class: 'tb ink' }, 'Save both as version ' + (theirs.version + 1)))));
  dialog.addEventListener('cancel', () => setTimeout(() => dialog.remove(), 0));
  document.body.append(dialog); dialog.showModal();
};
const duplicate = async () => { const a = await st.rest('POST', '/templates/' + shown.id + '/duplicate', {}); if (a) { st.toast('ok', 'Copied', a.name); open(a.id); } };
const remove = async () => { if (confirm('Delete "' + shown.name + '" with its versions? What was made with it stays.') && await st.rest('DELETE', '/templates/' + shown.id) !== null) { st.toast('ok', 'Deleted', shown.name); open(''); } };
const own = t => el('details', { class: 'own' }, el('summary', {}, 'Name, description and what it is for'), el('div', { class: 'tpf' },
  field('Name', Object.assign(el('input', { class: 'inp', maxlength: 80, 'data-own': 'name', oninput: look }), { value: t.name })),
  field('Description', Object.assign(el('input', { class: 'inp', maxlength: 1000, 'data-own': 'description', oninput: look }), { value: t.description }), 'wide'),
  el('div', { class: 'fs wide', role: 'group', 'aria-label': 'Use cases' }, ...Object.entries(props.cases).map(([id, name]) => el('button', { type: 'button', 'data-case': id, 'aria-pressed': t.use_cases.includes(id), onclick: e => { e.target.setAttribute('aria-pressed', e.target.getAttribute('aria-pressed') !== 'true'); look(); } }, name)))));
const facts = t => [t.visibility === 'shipped' ? 'Shipped with the studio' : (t.mine ? 'Yours' : 'By ' + t.owner) + ' · version ' + t.version, st.templateFacts(t)].join(' · ');
const draw = t => {
  controls = {};
  const lost = t.form.ignored.map(i => title(i.field));
  box.replaceChildren(
    el('div', { class: 'card tpm' },
      el('div', { class: 'rh' }, button('← All templates', () => open('')), el('div', { class: 'ti' }, el('h2', {}, t.name), el('small', {}, facts(t)))),
      t.description ? el('p', { class: 'ds' }, t.description) : '',
      field('Engine', select(Object.entries(props.engines), provider, { onchange: e => { provider = e.target.value; open(t.id, true); } })),
      el('p', { class: 'said' }, t.form.ready ? t.form.title + ' plays it.' : t.form.title + ' is not ready: ' + t.form.why),
      lost.length ? el('p', { class: 'why', role: 'status' }, lost.join(', ') + (lost.length === 1 ? ' does' : ' do') + ' not count: ' + t.form.title + ' has no such setting.') : '',
      el('div', { class: 'tpf' }, ...t.form.fields.map(control)), t.may_edit ? own(t) : el('div', { hidden: true }, own(t)),
      t.best ? el('div', { class: 'verdict yes' }, el('b', {}, 'Worked best: seed ' + t.best.seed + ' with ' + t.best.engine), el('p', {}, 'It was ' + t.best.why + '.'), el('div', { class: 'drow wrap' }, button('Use the best seed', () => { if (controls.seed) controls.seed.set(t.best.seed); }), t.best.asset_id ? button('Hear about it', () => st.tell('st:open', { id: t.best.asset_id })) : '')) : '',
      el('div', { class: 'drow wrap tpa' }, button('Preview', () => make(true, false)), button('Generate', () => make(false, false), 'ink', { 'data-act': 'generate' }), button('Try variants', () => { st.trying = t.id; st.show('batch'); }), el('small', { class: 'differs' })),
      el('div', { class: 'drow wrap' }, t.may_edit ? button('Save as a new version', () => save(), 'save') : '', button('Duplicate', duplicate), button('Export', () => st.saveYaml('?id=' + encodeURIComponent(t.id), t.name.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase() + '.yaml')), t.mine ? button('Delete', remove, 'bad') : '')),
    ...st.templateAbout(t, { open, save: version => st.rest('POST', '/templates/' + t.id + '/restore', { version, based_on: shown.version }) }));
  look();
};
const open = async (id, same) => {
  const mine = ++turn;
  if (!id) { shown = null; box.hidden = true; box.replaceChildren(); st.tell('st:template', { id: '' }); return; }
  if (!same && (!shown || shown.id !== id)) provider = '';
  const t = await st.rest('GET', '/templates/' + id + (provider ? '?provider=' + encodeURIComponent(provider) : ''));
  if (!t || mine !== turn) return;
  if (!same && !provider) provider = t.provider;
  const keep = same && shown ? overrides() : {};
  shown = t; box.hidden = false; draw(t);
  Object.entries(keep).forEach(([name, value]) => { if (controls[name]) controls[name].set(value); });
};
st.hear('st:template', d => { if (d.id) open(d.id); });
/* Another piece was made or kept: the counts move; the whole is only drawn anew where nobody is at work on it. */
const recount = async () => {
  if (!shown || st.view() !== 'templates') return;
  if (!dirty() && !element.contains(document.activeElement)) { open(shown.id, true); return; }
  const t = await st.rest('GET', '/templates/' + shown.id), line = box.querySelector('.ti small');
  if (t && shown && t.id === shown.id && line) line.textContent = facts({ ...t, version: shown.version });
};
st.hear('st:changed', recount);
