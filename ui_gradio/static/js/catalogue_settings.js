const st = window.st, el = st.el, q = s => element.querySelector(s);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const WINDOWS = [['Minute', 'minute'], ['Hour', 'hour'], ['Day', 'day']], CLASSES = [['search', 'Searches'], ['details', 'Details'], ['validation', 'Validations']];
const KEYS = { set: ['good', 'key set'], missing: ['warn', 'key missing'], not_needed: ['', 'no key needed'], unreadable: ['bad', 'key cannot be read'] };
const RUN = { running: ['', 'running'], done: ['good', 'done'], failed: ['bad', 'failed'], cancelled: ['warn', 'cancelled'] };
let me = null, titles = {}, timer = 0, turn = 0;
const title = name => titles[name] || name;
const many = (n, one, more) => Number(n).toLocaleString('en') + ' ' + (Number(n) === 1 ? one : more);
const span = s => s < 90 ? Math.max(1, Math.round(s)) + ' s' : s < 5400 ? Math.round(s / 60) + ' min' : s < 172800 ? Math.round(s / 3600) + ' h' : Math.round(s / 86400) + ' days';
const percent = part => part === null ? 'nothing asked yet' : (100 * part).toFixed(part >= 0.9995 ? 0 : 1) + ' %';
const local = moment => new Date(moment).toLocaleString(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const pill = (kind, words) => el('span', { class: 'pill ' + kind }, words);
const button = (words, fn, kind = '', more = {}) => el('button', { type: 'button', class: 'tb ' + kind, onclick: fn, ...more }, words);
const input = (name, value, more = {}) => { const i = el('input', { class: 'inp', name, ...more }); i.value = value; return i; };
const field = (words, inside) => el('label', { class: 'field' }, el('span', {}, words), inside);
const select = (name, options) => el('select', { class: 'inp', name }, ...options.map(([value, words]) => el('option', { value }, words)));
const card = (name, note, ...inside) => el('section', { class: 'hcard lx-' + name[0] }, el('div', { class: 'hd' }, el('h2', {}, name[1]), note ? el('p', {}, note) : ''), ...inside);
const figures = pairs => el('div', { class: 'sums' }, ...pairs.map(([words, value]) => el('div', {}, el('small', {}, words), el('b', {}, value))));
const whole = text => text.trim() === '' ? null : Number(text);

/* Limits: how far each window is used, over all workers. */
const windowOf = (r, key, words) => {
  const used = r.usage['per' + key], most = r.limits['per' + key];
  if (most === null) return '';
  const part = used / most, near = r.near.includes('per' + key), free = r.freesInS['per' + key] || 0;
  const bar = el('div', { class: 'pg', role: 'meter', 'aria-label': r.title + ', requests this ' + words, 'aria-valuemin': 0, 'aria-valuemax': most, 'aria-valuenow': used }, el('i'));
  bar.firstChild.style.transform = 'scaleX(' + Math.min(1, part) + ')';
  const said = used >= most ? 'Full: free again in ' + span(free) : near ? 'Four fifths are used: it is asked more slowly' : '';
  return el('div', { class: 'lx-w' + (used >= most ? ' full' : near ? ' near' : ''), 'data-window': words }, el('small', {}, 'in the ' + words), bar, el('small', { class: 'num' }, used.toLocaleString('en') + ' of ' + most.toLocaleString('en')), said ? el('em', {}, said) : '');
};
const limits = rows => card(['limits', 'Limits'], 'Requests within the last minute, hour and day, over every worker.', el('ul', { class: 'lx-list' }, ...rows.filter(r => WINDOWS.some(([k]) => r.limits['per' + k] !== null)).map(r =>
  el('li', { 'data-provider': r.provider }, el('b', {}, r.title), r.pausedS > 0 ? pill('warn', 'it asked to be left alone for ' + span(r.pausedS)) : '', ...WINDOWS.map(([k, words]) => windowOf(r, k, words))))));

/* The cache: what it did, what is in it, and taking it away. */
const forget = async form => {
  const p = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value.trim()) p.set(name, value.trim());
  const a = await st.rest('DELETE', '/admin/music-licensing/cache?' + p);
  if (a) { st.toast('ok', many(a.forgotten, 'answer was forgotten', 'answers were forgotten'), 'They are asked for anew when they are needed.'); look(); }
};
const forgetting = () => {
  const form = el('form', { class: 'lx-forget', 'aria-label': 'Forget answers', onsubmit: e => { e.preventDefault(); forget(form); } },
    field('Catalogue', select('provider', [['', 'Every catalogue'], ...Object.entries(titles)])), field('Answers', select('cacheClass', [['', 'Of every kind'], ...CLASSES])),
    field('One question’s key', input('key', '', { pattern: '[0-9a-f]{64}', maxlength: '64', placeholder: 'all', title: '64 digits and letters a to f' })), el('button', { class: 'tb' }, 'Forget them'));
  return form;
};
const HEADS = ['Answers', 'Hit rate', 'Hits / misses / old', 'Fresh', 'Oldest'], cell = (head, words) => el('td', { class: 'num', 'data-head': head }, words);
const cacheRow = c => el('tr', { 'data-class': c.provider + ':' + c.cacheClass }, el('td', {}, el('b', {}, title(c.provider)), el('small', {}, (CLASSES.find(([k]) => k === c.cacheClass) || [0, c.cacheClass])[1])),
  cell('Hit rate', percent(c.hitRate)), cell(HEADS[2], c.hits.toLocaleString('en') + ' / ' + c.misses.toLocaleString('en') + ' / ' + c.stale.toLocaleString('en')),
  cell('Fresh', c.fresh + ' of ' + c.entries), cell('Oldest', [c.oldestS === null ? '' : span(c.oldestS), c.ttlS === null ? '' : c.ttlS ? 'good for ' + span(c.ttlS) : 'not kept'].filter(Boolean).join(' · ')));
const cache = a => {
  const c = a.cache, below = c.hitRate !== null && c.hitRate < a.goal[0];
  return [figures([['Hit rate', percent(c.hitRate)], ['Answered from it', many(c.hits, 'question', 'questions')], ['Asked together', String(c.joined)], ['Misses', String(c.misses)], ['Old, in need', String(c.stale)], ['Kept answers', c.fresh + ' fresh of ' + c.entries], ['Requests saved', c.callsSaved.toLocaleString('en')], ['Money saved', '$' + Number(c.usdSaved).toFixed(2)]]),
    el('p', { class: 'said' + (below ? ' lx-below' : '') }, 'Hoped for: ' + Math.round(100 * a.goal[0]) + ' to ' + Math.round(100 * a.goal[1]) + ' % of questions answered without asking a catalogue.' + (c.oldestS === null ? '' : ' The oldest answer is ' + span(c.oldestS) + ' old.')),
    a.classes.length ? el('div', { class: 'lx-scroll' }, el('table', { class: 'qt lx-t' }, el('caption', { class: 'vh' }, 'Kept answers by catalogue and kind'), el('thead', {}, el('tr', {}, ...HEADS.map(t => el('th', { scope: 'col' }, t)))), el('tbody', {}, ...a.classes.map(cacheRow)))) : el('p', { class: 'none' }, 'Nothing has been asked of a catalogue yet.')];
};

/* Configuration, in the document's shape. */
const save = async (name, form, reset) => {
  const f = form.elements, rateLimit = {}, cacheTtl = {};
  for (const [key] of WINDOWS) rateLimit['requestsPer' + key] = whole(f['requestsPer' + key].value);
  for (const [key] of CLASSES) cacheTtl[key] = Number(f[key].value || 0);
  const a = await st.rest('PUT', '/admin/music-licensing/providers', reset ? { provider: name, reset: true } : { provider: name, ...(f.enabled.disabled ? {} : { enabled: f.enabled.checked }), rateLimit, cacheTtl });
  if (!a) return;
  st.toast('ok', reset ? 'As it was shipped' : 'It counts from now on', a.title);
  element.querySelector('[data-config="' + name + '"]').replaceWith(config(a, true)); look();
};
const config = (c, open = false) => {
  const number = { type: 'number', min: '1', max: '10000000', step: '1', placeholder: 'no limit' }, time = { type: 'number', min: '0', max: '31622400', step: 'any', required: true };
  const here = c.ready || c.why !== 'it is not installed here', on = el('input', { type: 'checkbox', name: 'enabled', checked: c.enabled, disabled: !here });
  const form = el('form', { class: 'lx-form', 'aria-label': 'Configure ' + c.title, onsubmit: e => { e.preventDefault(); save(c.provider, form, false); } },
    el('label', { class: 'check' }, on, ' Searched with the others'),
    el('fieldset', {}, el('legend', {}, 'Most requests; empty for no limit'), el('div', { class: 'lx-three' }, ...WINDOWS.map(([key, words]) => field((words === 'hour' ? 'an ' : 'a ') + words, input('requestsPer' + key, c.rateLimit['requestsPer' + key] ?? '', number))))),
    el('fieldset', {}, el('legend', {}, 'Seconds that answers are good for; 0 keeps none'), el('div', { class: 'lx-three' }, ...CLASSES.map(([key, words]) => field(words, input(key, c.cacheTtl[key], time))))),
    el('div', { class: 'drow' }, c.changed ? button('As shipped', () => save(c.provider, form, true)) : el('small', {}, 'As it was shipped.'), el('button', { class: 'tb ink' }, 'Save')));
  const [kind, words] = KEYS[c.key] || ['', c.key];
  return el('details', { class: 'lx-c', 'data-config': c.provider, open }, el('summary', {}, el('b', {}, c.title), pill(!c.enabled ? '' : c.ready ? 'good' : 'warn', !here ? 'not here' : !c.enabled ? 'switched off' : c.ready ? 'ready' : 'not ready'), pill(kind, words)),
    c.ready ? '' : el('p', { class: 'said' }, [c.why, c.remedy].filter(Boolean).join('. ')), form);
};

/* Syncs: now, by night, and how the last ones ended. */
const start = async form => {
  const f = form.elements, name = f.provider.value, genres = f.genres.value.split(',').map(t => t.trim()).filter(Boolean);
  const body = { ...(f.maxTracks.value ? { maxTracks: Number(f.maxTracks.value) } : {}), genres, updateExisting: f.updateExisting.checked };
  const a = await st.rest('POST', '/admin/music-licensing/sync/' + (name || 'all'), body);
  if (a) { st.toast('ok', 'The sync runs', name ? title(name) : 'Every catalogue that can be listed'); look(); }
};
const syncing = () => {
  const can = Object.entries(me.syncable).filter(([, why]) => !why), cannot = Object.entries(me.syncable).filter(([, why]) => why);
  const form = el('form', { class: 'lx-sync', 'aria-label': 'Sync now', onsubmit: e => { e.preventDefault(); start(form); } },
    field('Catalogue', select('provider', [['', 'All that are ready'], ...can.map(([name]) => [name, title(name)])])),
    field('Most tracks', input('maxTracks', '', { type: 'number', min: '1', max: '5000000', step: '1', placeholder: 'all' })), field('Genres, by comma', input('genres', '', { maxlength: '400', placeholder: 'every genre' })),
    el('label', { class: 'check' }, el('input', { type: 'checkbox', name: 'updateExisting', checked: true }), ' Known tracks are brought up to date'), el('button', { class: 'tb ink' }, 'Sync now'));
  return [form, el('p', { class: 'said' }, 'Only a sync without limits finds out what has gone.'), cannot.length ? el('details', { class: 'smore' }, el('summary', {}, many(cannot.length, 'catalogue is not copied', 'catalogues are not copied')), el('ul', { class: 'lx-why' }, ...cannot.map(([name, why]) => el('li', {}, why)))) : ''];
};
const nightly = async () => {
  const a = await st.rest('GET', '/schedules'), box = q('.lx-night');
  if (!a || !box) return;
  const s = a.schedules.find(x => x.kind === me.nightly.kind && !x.request.provider && x.state !== 'ended'), line = s && /^(\d+) (\d+) \* \* \*$/.exec(s.cron);
  const at = input('at', line ? line[2].padStart(2, '0') + ':' + line[1].padStart(2, '0') : '02:00', { type: 'time', required: true, 'aria-label': 'Time of the nightly sync' });
  const cron = () => { const [h, m] = at.value.split(':'); return Number(m) + ' ' + Number(h) + ' * * *'; };
  const on = !!s && s.state === 'active';
  const turned = async () => {
    const done = await (!s ? st.rest('POST', '/schedules', { title: me.nightly.title, kind: me.nightly.kind, request: {}, cron: cron(), zone }) : st.rest('POST', '/schedules/' + s.id + (on ? '/pause' : '/resume')));
    if (done) st.toast('ok', on ? 'No sync by night' : 'Synced each night', on ? 'What is copied stays.' : done.next_words);
    nightly();
  };
  at.addEventListener('change', async () => { if (!s || !at.value) return; const done = await st.rest('PATCH', '/schedules/' + s.id, { cron: cron() }); if (done) { st.toast('ok', 'Another time', done.next_words); nightly(); } });
  box.replaceChildren(el('b', {}, 'Every night at'), at, button(on ? 'On' : 'Off', turned, '', { role: 'switch', 'aria-checked': on ? 'true' : 'false', 'aria-label': 'Sync every night' }),
    el('small', {}, s ? [on ? 'Next: ' + s.next_words + ' (' + s.zone + ')' : 'Paused', s.last ? 'last: ' + s.last.came_to + ', ' + local(s.last.due) : ''].filter(Boolean).join(' · ') : 'All catalogues that are ready, by the studio itself, while it runs (' + zone + ').'));
};
const run = r => {
  const [kind, words] = RUN[r.state] || ['', r.state], asked = r.request || {};
  const how = [r.whole ? 'whole' : '', asked.max_tracks ? 'at most ' + asked.max_tracks.toLocaleString('en') : '', (asked.genres || []).join(', '), (asked.track_ids || []).length ? many(asked.track_ids.length, 'track', 'tracks') : ''].filter(Boolean).join(' · ');
  return el('li', { 'data-run': r.provider, 'data-state': r.state }, el('div', { class: 'lx-r' }, el('b', {}, title(r.provider)), pill(kind, words), el('small', {}, [local(r.startedAt), how].filter(Boolean).join(' · '))),
    el('small', {}, [r.new + ' new', r.changed + ' changed', r.gone + ' gone', r.unchanged + ' as before', r.odd ? r.odd + ' that were no tracks' : '', many(r.pages, 'page', 'pages')].filter(Boolean).join(' · ')),
    r.errors.length ? el('ul', { class: 'lx-err' }, ...r.errors.map(e => el('li', {}, (e.page ? 'Page ' + e.page + ': ' : '') + e.message))) : '');
};
const runs = a => [el('p', { class: 'said' + (a.successRate !== null && a.successRate < a.goal ? ' lx-below' : '') }, a.successRate === null ? 'No sync has ended in the last thirty days.' : percent(a.successRate) + ' of the last thirty days’ syncs ended well; hoped for are over ' + Math.round(100 * a.goal) + ' %.'), el('ul', { class: 'lx-list', 'aria-label': 'Syncs, newest first' }, ...a.runs.map(run))];

/* What changes by itself is drawn anew; forms stay as they are. */
const looking = () => st.view() === 'licensing' && st.licensing === 'catalogues';
const look = async () => {
  if (!looking() || !me) return;
  clearTimeout(timer);
  const mine = ++turn, [l, c, r] = await Promise.all([st.rest('GET', '/music-licensing/analytics/rate-limits'), st.rest('GET', '/music-licensing/analytics/cache'), me.admin ? st.rest('GET', '/admin/music-licensing/sync?limit=12') : null]);
  if (mine !== turn) return;
  if (l) q('.lx-limits').replaceWith(limits(l.rateLimits));
  if (c) q('.lx-kept').replaceChildren(...cache(c));
  if (r) q('.lx-runs').replaceChildren(...runs(r));
  if (looking()) timer = setTimeout(() => document.hidden ? timer = setTimeout(look, 10000) : look(), r && r.runs.some(x => x.state === 'running') ? 1500 : 10000);
};
const draw = async () => {
  if (!looking()) return;
  if (!me) {
    const a = await st.ask(server, 'lic_setup');
    if (!a) return;
    const l = await st.rest('GET', '/music-licensing/analytics/rate-limits');
    if (!l) return;
    me = a; titles = Object.fromEntries(l.rateLimits.map(r => [r.provider, r.title]));
    q('.lx-left').replaceChildren(card(['limits', 'Limits']), ...(me.admin ? [card(['config', 'Configuration'], 'Which catalogues are asked, how often, and how long their answers are good for. A key is never shown.', el('div', { class: 'lx-configs' }))] : []));
    q('.lx-right').replaceChildren(card(['cache', 'Cache'], '', el('div', { class: 'lx-kept' }), ...(me.admin ? [forgetting()] : [])), ...(me.admin ? [card(['syncs', 'Synced copies'], 'A copy is searched in place of its catalogue while it is no older than two days.', ...syncing(), el('div', { class: 'lx-night' }), el('div', { class: 'lx-runs' }))] : []));
    if (!me.admin) q('.lx-left').append(el('p', { class: 'said' }, 'Who runs this studio sets the catalogues up.'));
  }
  look();
  if (!me.admin) return;
  nightly();
  const open = element.querySelector('.lx-c[open]'), a = open ? null : await st.rest('GET', '/admin/music-licensing/providers');
  if (a) q('.lx-configs').replaceChildren(...a.providers.map(c => config(c)));
};
st.hear('st:licensing', draw); st.hear('st:view', draw);
