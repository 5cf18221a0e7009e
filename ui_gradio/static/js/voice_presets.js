/* 'used' 'kept' */
const st = window.st, el = st.el, q = s => element.querySelector(s), BASE = '/voice/presets', KEY = 'studio-preset';
/* Somebody who has no draft and never chose a voice here starts from the default. */
const fresh = !localStorage.getItem('studio-voice') && !localStorage.getItem('studio-draft-voice-2');
let rows = [], first = null, mine = null, scope = '', teams = [];
const chosen = () => rows.find(r => r.id === localStorage.getItem(KEY));
const draw = () => {
  const now = chosen(), others = rows.some(r => !r.mine);
  q('select').replaceChildren(el('option', { value: '' }, 'None'), ...rows.map(r =>
    el('option', { value: r.id, selected: r === now }, r.name + (r.id === first ? ' (default)' : '') + (others && !r.mine ? ' · shared' : ''))));
  q('[data-act=first]').disabled = !now; q('[data-act=drop]').disabled = !now || !now.mine;
  q('[data-act=first]').setAttribute('aria-pressed', !!now && now.id === first);
  q('[data-act=first]').textContent = now && now.id === first ? 'Is default' : 'Set as default';
  q('[data-act=share]').hidden = !now || !now.mine || !teams.length;
};
const take = a => { rows = a.presets; first = a.default_id; if (!chosen()) localStorage.removeItem(KEY); draw(); };
/* `first`: the default of what is chosen below the preset, one's own or a project's; a project without one has one's own. */
const load = async () => {
  const a = await st.rest('GET', BASE + (scope ? '?project_id=' + encodeURIComponent(scope) : ''));
  if (a) { if (!scope) mine = a.default_id; take(a); }
  return a;
};
const use = async id => {
  if (!id) { localStorage.removeItem(KEY); draw(); return; }
  const a = await st.ask(server, 'saved', { id });
  if (!a) { draw(); return; }
  localStorage.setItem(KEY, id); st.tell('st:choose', { id: a.voice }); draw();
  trigger('used', { id });
};
const ask = (title, button, field, done) => {
  const close = () => { box.close(); box.remove(); };
  const box = el('dialog', { class: 'box', 'aria-label': title }, el('form', { method: 'dialog', onsubmit: e => { e.preventDefault(); if (field.value.trim()) { close(); done(field.value.trim()); } } },
    el('h2', {}, title), field, el('div', { class: 'drow' }, el('button', { type: 'button', class: 'tb', onclick: close }, 'Cancel'), el('button', { type: 'submit', class: 'tb ink' }, button))));
  box.addEventListener('cancel', () => setTimeout(() => box.remove(), 0));
  document.body.append(box); box.showModal(); field.focus();
};
const keep = name => {
  const same = rows.find(r => r.mine && r.name.toLowerCase() === name.toLowerCase());
  if (same && !confirm('Replace the preset "' + same.name + '"?')) return;
  trigger('kept', { name, id: same ? same.id : '' });
};
q('select').addEventListener('change', e => use(e.target.value));
q('.scope select').addEventListener('change', async e => { scope = e.target.value; await load(); });
const projects = async () => {
  let found = [];
  try { const a = await fetch('/api/projects'); found = a.ok ? (await a.json()).projects : []; } catch (e) { found = []; }
  q('.scope').hidden = !found.length;
  q('.scope select').replaceChildren(el('option', { value: '' }, 'of mine'), ...found.map(p => el('option', { value: p.id, selected: p.id === scope }, 'of the project ' + p.name)));
};
st.hear('st:mixed', projects);
st.wire(element, async act => {
  const now = chosen();
  if (act === 'keep') ask('Save this voice and delivery', 'Save', el('input', { class: 'inp', maxlength: 80, 'aria-label': 'Name of the preset', placeholder: 'Audiobook', value: now && now.mine ? now.name : '' }), keep);
  if (!now) return;
  if (act === 'first') { const a = await st.rest('PUT', BASE + '/default', { preset_id: now.id === first && !(scope && first === mine) ? null : now.id, project_id: scope }); if (a) { if (!scope) mine = a.default_id; take(a); } }
  if (act === 'share') ask('Share ' + now.name + ' with a team', 'Share', el('select', { class: 'inp', 'aria-label': 'Team' }, ...teams.map(t => el('option', { value: t.id }, t.name))),
    async team => { if (await st.rest('PUT', '/shares/voice_preset/' + now.id + '/' + team) !== null) st.toast('ok', 'Shared', 'A cloned voice in it is shared by itself, under Clone.'); });
  if (act === 'drop' && confirm('Delete the preset "' + now.name + '"? What was made with it stays.')) {
    if (await st.rest('DELETE', BASE + '/' + now.id) !== null) { localStorage.removeItem(KEY); load(); }
  }
});
st.hear('st:presets', async d => { localStorage.setItem(KEY, d.id); load(); });
/* Another voice than the preset's: it is that preset no more. */
st.hear('st:voice', d => { const now = chosen(); if (now && now.settings.voice !== d.id) { localStorage.removeItem(KEY); draw(); } });
(async () => {
  const a = await load();
  if (a && fresh && first) use(first);
  projects();
  try { const t = await fetch('/api/teams'); teams = t.ok ? await t.json() : []; } catch (e) { teams = []; }
  draw();
})();
