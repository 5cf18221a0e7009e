const st = window.st, el = st.el, q = s => element.querySelector(s);
const ask = q('.lr-if'), what = ask.elements.what, day = ask.elements.ends_on;
let turn = 0, held = [], asked = false, may = null;
const many = (n, one, more) => n + ' ' + (n === 1 ? one : more);
const title = name => (props.titles || {})[name] || name;
const left = e => e.days_left === null ? e.status : e.days_left < 0 ? 'ended ' + -e.days_left + (e.days_left === -1 ? ' day ago' : ' days ago') : e.days_left === 0 ? 'ends today' : e.days_left + (e.days_left === 1 ? ' day left' : ' days left');
const use = u => el('li', {}, [u.output_name || u.title || u.track_id, u.platform, u.used_on].filter(Boolean).join(' · '));
const row = e => el('article', { role: 'listitem', class: 'lr-row', 'data-licence': e.licence_id },
  el('div', {}, el('b', {}, e.title || (e.track_id === '*' ? 'Everything at ' + title(e.provider) : e.track_id)), el('small', {}, [title(e.provider), e.ends_on ? e.ends_on + (e.zone && e.zone !== 'UTC' ? ' in ' + e.zone : '') : ''].filter(Boolean).join(' · '))),
  el('span', { class: 'pill ' + (e.days_left === null || e.days_left < 0 ? 'bad' : 'warn') }, left(e)),
  el('div', { class: 'lr-uses' }, e.touched.length ? el('b', {}, e.touched.length === 1 ? '1 published piece loses its licence' : e.touched.length + ' published pieces lose their licence') : el('small', {}, 'Nothing published is left uncovered.'),
    e.touched.length ? el('ul', {}, ...e.touched.map(use)) : '', e.kept.length ? el('details', {}, el('summary', {}, many(e.kept.length, 'published before the end stays covered', 'published before the end stay covered')), el('ul', {}, ...e.kept.map(use))) : ''));
/* As if all licences of a catalogue, or one of them, ended on a day: what stays covered, and what does not. */
const named = l => (l.title || (l.track_id === '*' ? 'Everything at ' + title(l.provider) : l.track_id)) + (l.ends_on ? ' (until ' + l.ends_on + ')' : '');
const choices = async () => {
  const a = await st.rest('GET', '/music-licensing/licenses?limit=1000');
  if (!a) return;
  held = a.licences.filter(l => l.status !== 'revoked' && l.status !== 'unknown');
  const kept = what.value, group = (label, options) => options.length ? [el('optgroup', { label }, ...options)] : [];
  const catalogues = [...new Set(held.map(l => l.provider))].map(p => [p, held.filter(l => l.provider === p)]);
  what.replaceChildren(...group('Everything of a catalogue', catalogues.map(([p, all]) => el('option', { value: 'p:' + p }, title(p) + ': ' + many(all.length, 'licence', 'licences')))), ...group('One licence', held.map(l => el('option', { value: 'l:' + l.id }, named(l) + ' · ' + title(l.provider)))));
  if ([...what.options].some(o => o.value === kept)) what.value = kept;
  if (!what.options.length) what.append(el('option', { value: '' }, 'No licence is held'));
};
const simulate = async () => {
  const [kind, ...rest] = what.value.split(':'), id = rest.join(':');
  if (!id || !day.value) return;
  const ids = kind === 'l' ? [id] : held.filter(l => l.provider === id).map(l => l.id).slice(0, 500);
  const a = await st.rest('POST', '/music-licensing/radar/simulate', { licence_ids: ids, ends_on: day.value });
  if (!a) return;
  asked = true;
  const lost = a.endings.reduce((n, e) => n + e.touched.length, 0), kept = a.endings.reduce((n, e) => n + e.kept.length, 0);
  q('.lr-sum').textContent = !lost && !kept ? 'Nothing that was published rests on it.' : many(lost, 'published use would lose its licence', 'published uses would lose their licence') + ', ' + many(kept, 'stays covered.', 'stay covered.');
  q('.lr-sim').replaceChildren(...a.endings.map(e => row({ ...e, ends_on: day.value })));
};
ask.addEventListener('submit', e => { e.preventDefault(); simulate(); });
const check = async b => {
  b.disabled = true;
  const a = await st.rest('POST', '/music-licensing/radar/check');
  b.disabled = false; if (!a) return;
  st.toast('ok', many(a.looked, 'licence was looked at', 'licences were looked at'), many(a.told, 'end is told now', 'ends are told now') + ', ' + a.ended + ' over.'); refresh();
};
st.wire(element, (act, data, b) => { if (act === 'check') check(b); });
const refresh = async () => {
  if (st.view() !== 'licensing' || st.licensing !== 'radar') return;
  const mine = ++turn, a = await st.rest('GET', '/music-licensing/radar?days=' + q('[name=days]').value);
  if (!a || mine !== turn) return;
  q('.lr-list').replaceChildren(...a.endings.map(row)); q('.none').hidden = a.endings.length > 0;
  await choices(); if (asked) simulate();
  if (may === null) { const m = await st.ask(server, 'lic_may_check', {}, true); may = !!m && m.may; q('[data-act=check]').hidden = !may; }
};
q('[name=days]').addEventListener('change', refresh);
st.hear('st:licences', refresh); st.hear('st:licensing', refresh); st.hear('st:view', refresh);
