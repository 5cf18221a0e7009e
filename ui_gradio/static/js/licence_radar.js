const st = window.st, el = st.el, q = s => element.querySelector(s);
let turn = 0;
const title = name => (props.titles || {})[name] || name;
const left = e => e.days_left === null ? e.status : e.days_left < 0 ? 'ended ' + -e.days_left + (e.days_left === -1 ? ' day ago' : ' days ago') : e.days_left === 0 ? 'ends today' : e.days_left + (e.days_left === 1 ? ' day left' : ' days left');
const use = u => el('li', {}, [u.output_name || u.title || u.track_id, u.platform, u.used_on].filter(Boolean).join(' · '));
const row = e => el('article', { role: 'listitem', class: 'lr-row', 'data-licence': e.licence_id },
  el('div', {}, el('b', {}, e.title || (e.track_id === '*' ? 'Everything at ' + title(e.provider) : e.track_id)), el('small', {}, [title(e.provider), e.ends_on].filter(Boolean).join(' · '))),
  el('span', { class: 'pill ' + (e.days_left === null || e.days_left < 0 ? 'bad' : 'warn') }, left(e)),
  el('div', { class: 'lr-uses' }, e.touched.length ? el('b', {}, e.touched.length === 1 ? '1 published piece loses its licence' : e.touched.length + ' published pieces lose their licence') : el('small', {}, 'Nothing published is left uncovered.'),
    e.touched.length ? el('ul', {}, ...e.touched.map(use)) : '', e.kept.length ? el('small', {}, e.kept.length + ' published before the end stay covered') : ''));
const refresh = async () => {
  if (st.view() !== 'licensing' || st.licensing !== 'radar') return;
  const mine = ++turn, a = await st.rest('GET', '/music-licensing/radar?days=' + q('[name=days]').value);
  if (!a || mine !== turn) return;
  q('.lr-list').replaceChildren(...a.endings.map(row)); q('.none').hidden = a.endings.length > 0;
};
q('[name=days]').addEventListener('change', refresh);
st.hear('st:licences', refresh); st.hear('st:licensing', refresh); st.hear('st:view', refresh);
