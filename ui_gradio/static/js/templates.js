const st = window.st, el = st.el, q = s => element.querySelector(s), qa = s => [...element.querySelectorAll(s)];
let scope = 'all', useCase = '', turn = 0, wait = 0;
const LABELS = { private: 'Private', team: 'Team', public: 'Public', shipped: 'Shipped' };
const length = s => s >= 60 ? st.clock(s) : s + ' s';
const chips = f => [f.mood, f.genre, f.seconds && length(f.seconds), f.bpm && f.bpm + ' BPM', f.key, f.intensity && f.intensity + ' intensity', f.loopable && 'loops'].filter(Boolean);
st.templateFacts = t => [!t.usage_count ? 'not used yet' : t.usage_count === 1 ? 'used once' : 'used ' + t.usage_count + ' times', t.kept_rate === null ? '' : Math.round(100 * t.kept_rate) + ' % kept',
  t.rating === null ? '' : '★ ' + t.rating.toFixed(1) + ' (' + t.ratings + ')'].filter(Boolean).join(' · ');
const card = t => el('button', { type: 'button', class: 'tpc', role: 'listitem', 'data-template': t.id, onclick: () => st.tell('st:template', { id: t.id }) },
  el('span', { class: 'rh' }, el('b', {}, t.name), el('em', { class: 'pill' }, t.mine || t.visibility === 'shipped' ? LABELS[t.visibility] : t.owner)),
  el('span', { class: 'ds' }, t.description || (t.fields.prompt || '')), chips(t.fields).length ? el('span', { class: 'bd' }, ...chips(t.fields).map(c => el('em', {}, c))) : '',
  el('small', {}, st.templateFacts(t)));
const refresh = async () => {
  const mine = ++turn, query = new URLSearchParams({ scope, search: q('input[type=search]').value, use_case: useCase, limit: 300 });
  if (scope === 'popular') query.set('by', q('.by').value);
  const a = await st.rest('GET', '/templates?' + query);
  if (!a || mine !== turn) return;
  q('.tpg').replaceChildren(...a.templates.map(card));
  q('.none').hidden = a.templates.length > 0;
  q('.none').textContent = scope === 'mine' && !useCase ? 'None of your own yet: duplicate one, or save the Music form as a template.' : scope === 'team' && !useCase ? 'No template is shared with a team of yours.' : 'No template matches.';
};
const press = (buttons, on) => buttons.forEach(b => b.setAttribute('aria-pressed', b === on));
q('.cases').replaceChildren(...[['', 'Anything'], ...Object.entries(props.cases)].map(([id, title]) => el('button', { type: 'button', 'data-case': id, 'aria-pressed': id === '' }, title)));
element.addEventListener('click', e => {
  const s = e.target.closest('[data-scope]'), c = e.target.closest('[data-case]');
  if (s) { scope = s.dataset.scope; press(qa('[data-scope]'), s); q('.by').hidden = scope !== 'popular'; refresh(); }
  if (c) { useCase = c.dataset.case; press(qa('[data-case]'), c); refresh(); }
});
q('input[type=search]').addEventListener('input', () => { clearTimeout(wait); wait = setTimeout(refresh, 180); });
q('.by').addEventListener('change', refresh);
const label = q('label.tb'), file = q('input[type=file]');
label.addEventListener('keydown', e => { if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); file.click(); } });
st.saveYaml = async (query, name) => {
  const answer = await fetch('/api/templates/export' + query);
  if (!answer.ok) { const e = await answer.json(); st.toast('error', e.detail, e.hint || ''); return; }
  const url = URL.createObjectURL(await answer.blob()), a = el('a', { href: url, download: name });
  document.body.append(a); a.click(); a.remove(); setTimeout(() => URL.revokeObjectURL(url), 1000);
};
file.addEventListener('change', async () => {
  const one = file.files[0]; if (!one) return;
  const yaml = await one.text(); file.value = '';
  const known = (await st.rest('GET', '/templates?scope=mine&limit=1000')) || { templates: [] };
  const same = known.templates.some(t => yaml.toLowerCase().includes(t.name.toLowerCase()));
  const how = same ? await choose() : 'copy';
  if (!how) return;
  const a = await st.rest('POST', '/templates/import', { yaml, on_conflict: how });
  if (a) { st.toast('ok', a.length === 1 ? 'One template is in' : a.length + ' templates are in', a.map(t => t.name + (t.did === 'created' ? '' : ' (' + t.did + ')')).join(', ').slice(0, 300)); refresh(); }
});
const choose = () => new Promise(done => {
  const close = how => { box.close(); box.remove(); done(how); };
  const button = (how, text, cls = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: () => close(how) }, text);
  const box = el('dialog', { class: 'box', 'aria-label': 'Import' }, el('form', { method: 'dialog' }, el('h2', {}, 'You may have some of these already'),
    el('p', {}, 'Where one of yours has the same name, what should happen?'), el('div', { class: 'drow wrap' }, button('copy', 'Keep both', 'ink'), button('replace', 'Make it the next version'), button('skip', 'Leave mine'), button('', 'Cancel'))));
  box.addEventListener('cancel', () => setTimeout(() => close(''), 0));
  document.body.append(box); box.showModal();
});
st.wire(element, act => { if (act === 'export') st.saveYaml('', 'templates.yaml'); });
/* The grid gives way to the one that is open. */
st.hear('st:template', d => { element.hidden = !!d.id; element.style.display = d.id ? 'none' : ''; if (!d.id) refresh(); });
st.hear('st:templates', refresh);
st.hear('st:view', v => { if (v.page === 'templates') refresh(); });
refresh();
