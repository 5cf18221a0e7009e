const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form'), field = name => form.elements[name];
const WORDS = { done: 'Done', partly: 'Partly made', failed: 'Failed', refused: 'Refused', skipped: 'Left out', claimed: 'Starting', scenes: 'Finding scenes', waiting: 'Waiting', running: 'Running', cancelled: 'Cancelled', unknown: 'Unclear' };
const TONE = { done: 'good', failed: 'bad', refused: 'bad', partly: 'warn', skipped: 'warn', unknown: 'warn' };
let editing = null, opened = '', watching = true, engines = null, kept = '';
const usd = text => '$' + Number(text).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 4 });
const local = moment => new Date(moment).toLocaleString(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const why = run => run.note || (run.error ? [run.error.message, run.error.hint].filter(Boolean).join(' ') : '');
const button = (text, fn, label, more = {}) => el('button', { type: 'button', class: 'tb', onclick: fn, 'aria-label': label || text, ...more }, text);
const pill = run => el('span', { class: 'pill ' + (TONE[run.came_to] || '') }, WORDS[run.came_to] || run.came_to);

/* What a rule does, in words. */
const when = r => r.trigger.type === 'watch_folder' ? 'A film in ' + (r.trigger.folder || 'the folder') : 'Scenes of a clip were found';
const does = a => {
  const c = a.config || {}, by = c.provider ? ' by ' + c.provider : '', save = c.autoDownload ? ', saved as files' : '';
  if (a.type === 'take_apart') return 'find its scenes';
  return (a.type === 'score_clip' ? 'score the clip' : 'music for each scene' + (c.useRecommendations === false ? '' : ' as recommended')) + by + save;
};

/* What is done, one step after the other. A step holds the action it was filled from: what it does not show of it stays. */
const MOST = 5, steps = () => [...element.querySelectorAll('.astep')], of = (step, name) => step.querySelector('[data-f=' + name + ']');
const offer = step => {
  const box = of(step, 'provider');
  for (const e of (engines && engines.engines) || []) {
    const known = [...box.options].find(o => o.value === e.name), text = e.title + (e.ready === false ? ' (not set up)' : '');
    if (known) known.textContent = text; else if (e.name !== 'composer') box.append(el('option', { value: e.name }, text));
  }
};
const addStep = action => {
  const step = q('template').content.firstElementChild.cloneNode(true), c = action && action.config || {}, provider = of(step, 'provider');
  step.action = action;
  offer(step);
  if (c.provider && ![...provider.options].some(o => o.value === c.provider)) provider.append(el('option', { value: c.provider }, c.provider));
  of(step, 'what').value = action ? action.type : 'generate_music_for_scenes';
  provider.value = c.provider || ''; of(step, 'save').checked = !!c.autoDownload; of(step, 'recommended').checked = c.useRecommendations !== false;
  step.querySelector('.aless').onclick = () => { step.remove(); fits(); };
  q('.asteps').append(step);
  return step;
};
q('.amore').onclick = () => { const step = addStep(null); if (steps().length === 2) of(step, 'what').value = 'score_clip'; fits(); of(step, 'what').focus(); };

/* The form shows what the choice needs, and no more. */
const fits = () => {
  const watch = field('when').value === 'watch_folder', all = steps(), apart = all.find(s => of(s, 'what').value === 'take_apart');
  element.querySelectorAll('.awatch').forEach(e => { e.hidden = !watch; });
  all.forEach((step, n) => {
    const what = of(step, 'what'), option = what.querySelector('[value=take_apart]');
    option.disabled = option.hidden = !watch || !!apart && apart !== step;
    if (option.disabled && what.value === 'take_apart') what.value = 'generate_music_for_scenes';
    step.querySelectorAll('.amake').forEach(e => { e.hidden = what.value === 'take_apart'; });
    step.querySelector('.amusic').hidden = what.value !== 'generate_music_for_scenes';
    step.querySelector('.aless').hidden = all.length === 1;
    step.setAttribute('aria-label', 'Step ' + (n + 1)); step.querySelector('.field span').textContent = n ? 'And then' : 'Then';
  });
  q('.amore').hidden = all.length >= MOST;
  q('.anote').textContent = watching ? 'A folder under the one that is watched here. A film is taken once it lies still; what lies there already is left alone.' : 'No folder may be watched here: whoever runs this studio sets STUDIO_WATCH_DIR first.';
  q('.anote').classList.toggle('bad', !watching);
  q('button[type=submit]').textContent = editing ? 'Save the changes' : 'Switch it on';
  q('.afrom').textContent = editing ? 'Changing “' + editing.name + '”' : '';
  q('.aclear').hidden = !editing;
};
form.addEventListener('change', fits);
const fill = r => {
  editing = r;
  field('when').value = r ? r.trigger.event || r.trigger.type : 'scenes_processed';
  q('.asteps').replaceChildren(); (r ? r.actions : [null]).forEach(addStep);
  const licence = r && r.trigger.licence || 'unknown';
  if (![...field('licence').options].some(o => o.value === licence)) field('licence').append(el('option', { value: licence }, licence));
  field('licence').value = licence; field('folder').value = r && r.trigger.folder || ''; field('name').value = r ? r.name : '';
  for (const name of ['cap_usd', 'month_usd']) field(name).value = r && r[name] !== null ? r[name] : '';
  q('.smore').open = !!(r && (r.cap_usd !== null || r.month_usd !== null));
  fits();
  if (r) { form.scrollIntoView({ block: 'nearest' }); field('name').focus(); }
};
q('.aclear').onclick = () => fill(null);
form.addEventListener('submit', async e => {
  e.preventDefault();
  const watch = field('when').value === 'watch_folder';
  const actions = steps().map(step => {
    const type = of(step, 'what').value, config = step.action && step.action.type === type ? { ...step.action.config } : {};
    if (type === 'take_apart') return { type, config };
    for (const [name, on] of [['provider', of(step, 'provider').value], ['autoDownload', of(step, 'save').checked]]) if (on) config[name] = on; else delete config[name];
    if (type === 'generate_music_for_scenes') config.useRecommendations = of(step, 'recommended').checked;
    return { type, config };
  });
  const body = {
    name: field('name').value.trim(), trigger: watch ? { type: 'watch_folder', folder: field('folder').value.trim(), licence: field('licence').value } : { type: 'event', event: 'scenes_processed' },
    actions,
  };
  for (const name of ['cap_usd', 'month_usd']) { const said = field(name).value.trim().replace(/^\$/, ''); if (said || editing) body[name] = said || null; }
  if (editing && !body.name) body.name = editing.name;
  const a = await st.rest(editing ? 'PATCH' : 'POST', '/automations' + (editing ? '/' + editing.id : ''), body);
  if (!a) return;
  st.toast('ok', editing ? 'Changed' : 'Switched on', a.name); fill(null); refresh();
});

const act = async (r, method, path, body) => { const a = await st.rest(method, '/automations/' + r.id + path, body); refresh(); return a; };
const runOn = async (r, box) => {
  let a;
  try { a = await server.clips_apart({}); } catch (e) { return; }
  if (!a || a.error || !a.clips.length) { st.toast('error', 'There is no clip yet whose scenes are known.', 'Bring a film in under Recommend.'); return; }
  const choice = el('select', { class: 'inp', 'aria-label': 'Clip to run ' + r.name + ' on' }, ...a.clips.map(c => el('option', { value: c.id }, c.name)));
  const go = button('Run', async () => { const done = await act(r, 'POST', '/run', { clip_id: choice.value }); if (done) { st.toast('ok', 'In the queue', r.name); st.soon(); } }, 'Run ' + r.name + ' on that clip');
  box.replaceChildren(choice, go); choice.focus();
};
const budget = r => {
  if (r.month_usd === null) return r.cap_usd === null ? '' : el('small', {}, 'At most ' + usd(r.cap_usd) + ' a run');
  const share = Number(r.month_usd) ? Math.min(1, Number(r.spent_usd) / Number(r.month_usd)) : 0;
  const told = usd(r.spent_usd) + ' of ' + usd(r.month_usd) + ' this month';
  return el('div', { class: 'abud' }, el('div', { class: 'abar' + (share >= .9 ? ' high' : ''), role: 'meter', 'aria-label': 'Budget of ' + r.name, 'aria-valuemin': 0, 'aria-valuemax': Number(r.month_usd), 'aria-valuenow': Number(r.spent_usd), 'aria-valuetext': told }, el('i', { style: 'width:' + share * 100 + '%' })), el('small', {}, told + (r.cap_usd === null ? '' : ', at most ' + usd(r.cap_usd) + ' a run')));
};
const line = run => el('li', {}, el('div', {}, pill(run), el('b', {}, run.name), el('small', {}, local(run.created_at) + (run.manual ? ' · by hand' : ''))),
  why(run) ? el('p', {}, why(run)) : '', ...run.jobs.flatMap(j => j.files).map(f => el('code', {}, f)));
const card = (r, runs) => {
  const box = el('span', { class: 'acts' });
  return el('article', { class: 'acard', 'data-a': r.id, 'aria-label': r.name },
    el('div', { class: 'ah' }, el('div', { class: 'at' }, el('h3', {}, r.name), el('p', {}, when(r) + ' → ' + r.actions.map(does).join(', then '))),
      button(r.on ? 'On' : 'Off', () => act(r, 'POST', '/switch', { on: !r.on }), r.name + ' is on', { role: 'switch', 'aria-checked': r.on })),
    r.reason ? el('p', { class: 'areason' }, r.reason) : '', budget(r),
    el('div', { class: 'al' }, r.last ? pill(r.last) : el('small', {}, 'It has not fired yet.'), r.last ? el('small', {}, r.last.name + ' · ' + local(r.last.created_at)) : ''),
    r.last && why(r.last) ? el('p', { class: 'awhy' }, why(r.last)) : '',
    el('div', { class: 'acts' },
      button('Run on…', () => runOn(r, box), 'Run ' + r.name + ' on a clip'), box,
      button('Log', () => { opened = opened === r.id ? '' : r.id; refresh(); }, 'Log of ' + r.name, { 'aria-expanded': opened === r.id }),
      button('Edit', () => fill(r), 'Edit ' + r.name),
      button('Delete', () => { if (confirm('Delete the automation "' + r.name + '"? What it made stays.')) { opened = ''; act(r, 'DELETE', ''); } }, 'Delete ' + r.name)),
    opened === r.id ? el('ul', { class: 'alog' }, ...(runs.length ? runs.map(line) : [el('li', {}, el('small', {}, 'It has not fired yet.'))])) : '');
};
let asking = false, again = false;
const refresh = async () => {
  if (asking) { again = true; return; }
  asking = true; again = false;
  const a = await st.rest('GET', '/automations');
  if (a && !a.automations.some(r => r.id === opened)) opened = '';
  const log = a && opened ? await st.rest('GET', '/automations/' + opened + '/runs?limit=20') : null;
  asking = false;
  if (again) { refresh(); return; }
  if (!a) return;
  watching = a.watching; q('.none').hidden = a.automations.length > 0;
  const fresh = JSON.stringify([a, log, opened]);
  if (fresh === kept) return;  /* nothing new: whoever chooses a clip is left alone */
  kept = fresh; fits();
  const focus = q('.acards').contains(document.activeElement) ? [document.activeElement.closest('.acard').dataset.a, document.activeElement.textContent] : null;
  q('.acards').replaceChildren(...a.automations.map(r => card(r, log && r.id === opened ? log.runs : [])));
  if (focus) { const mine = [...element.querySelectorAll('[data-a="' + focus[0] + '"] button')], same = mine.find(b => b.textContent === focus[1]) || mine[0]; if (same) same.focus({ preventScroll: true }); }
};
const begin = async () => {
  refresh();
  if (engines) return;
  engines = await st.rest('GET', '/music/engines');
  steps().forEach(offer);
};
const shown = () => st.view() === 'queue' && st.queue === 'automation' && !document.hidden;
st.hear('st:queue', v => { if (v.view === 'automation') begin(); });
const tick = () => { if (!element.isConnected) return; if (shown()) refresh(); setTimeout(tick, 3000); };
addStep(null); fits();
if (st.queue === 'automation') begin();
tick();
