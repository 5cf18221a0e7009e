const st = window.st, el = st.el, q = s => element.querySelector(s), form = q('form'), field = name => form.elements[name];
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
const WORDS = { done: 'Done', failed: 'Failed', refused: 'Refused', skipped: 'Left out', missed: 'Missed', claimed: 'Starting', waiting: 'Waiting', running: 'Running', cancelled: 'Cancelled', unknown: 'Unclear' };
let from = null, opened = '', timer = 0, turn = 0;
q('.szone').textContent = 'Times are those of ' + zone + '.';
const button = (text, fn, label, more = {}) => el('button', { type: 'button', class: 'tb', onclick: fn, 'aria-label': label || text, ...more }, text);
const local = moment => new Date(moment).toLocaleString(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const why = run => run.note || (run.error ? run.error.message : '');

const when = () => field('way').value === 'cron' ? { cron: field('cron').value, zone } : { at: field('at').value.replace('T', ' '), zone };
const coming = async () => {
  const mine = ++turn, asked = when(), box = q('.scoming');
  q('.scron').hidden = field('way').value !== 'cron'; q('.sat').hidden = field('way').value === 'cron';
  if (!(asked.cron || asked.at || '').trim()) { box.replaceChildren(); return; }
  let a;
  try { a = await server.coming(asked); } catch (e) { return; }
  if (mine !== turn) return;
  box.classList.toggle('bad', !!a.error);
  if (a.error) { box.replaceChildren(el('b', {}, a.error.message), el('small', {}, a.error.hint)); return; }
  box.replaceChildren(...(a.words ? [el('b', {}, a.words)] : []), el('small', {}, a.told.length ? 'Next: ' + a.told.join(' · ') : 'That moment is over.'));
};
const typed = () => { clearTimeout(timer); timer = setTimeout(coming, 300); };
form.addEventListener('input', e => { if (['way', 'cron', 'at'].includes(e.target.name)) typed(); });

const take = job => {
  from = job;
  q('.sfrom').textContent = job ? 'Again: ' + job.title : '';
  q('.swords').hidden = !!job; q('.sseed').hidden = !job; q('.sclear').hidden = !job;
  field('kind').closest('label').hidden = !!job;
  if (job) { field('title').value = job.title.slice(0, 80); form.scrollIntoView({ block: 'nearest' }); field('cron').focus(); }
};
q('.sclear').onclick = () => take(null);
form.addEventListener('submit', async e => {
  e.preventDefault();
  const words = field('words').value.trim(), body = { title: field('title').value, missed: field('missed').value, overlap: field('overlap').value, ...when() };
  for (const name of ['cap_usd', 'month_usd']) if (field(name).value.trim()) body[name] = field(name).value.trim().replace(/^\$/, '');
  if (from) Object.assign(body, { job_id: from.job, same_seed: field('same').checked });
  else if (!words) { st.toast('error', 'Nothing says what should be made.', 'Write a prompt or a text.'); field('words').focus(); return; }
  else Object.assign(body, { kind: field('kind').value, request: field('kind').value === 'speech' ? { text: words, ...(localStorage.getItem('studio-voice') ? { voice: localStorage.getItem('studio-voice') } : {}) } : { prompt: words } });
  const a = await st.rest('POST', '/schedules', body);
  if (!a) return;
  st.toast('ok', 'Scheduled', a.next_words); take(null); field('words').value = field('title').value = ''; st.scheduling = null; refresh();
});

const act = async (what, s) => {
  const a = await st.rest(what === 'delete' ? 'DELETE' : 'POST', '/schedules/' + s.id + (what === 'delete' ? '' : '/' + what));
  if (what === 'delete') opened = '';
  if (what === 'run') { st.toast('ok', 'In the queue', s.title); st.soon(); }
  refresh();
};
const log = async s => { const a = await st.rest('GET', '/schedules/' + s.id + '/runs?limit=20'); return a ? a.runs : []; };
const row = s => {
  const on = s.state === 'active', last = s.last;
  const chip = last ? el('span', { class: 'pill ' + ({ done: 'good', failed: 'bad', refused: 'bad', missed: 'warn', skipped: 'warn' }[last.came_to] || '') }, WORDS[last.came_to] || last.came_to) : el('small', {}, 'not yet');
  return el('tr', { 'data-s': s.id },
    el('td', {}, el('b', {}, s.title), el('small', {}, s.kind.replaceAll('_', ' ') + ' · ' + s.words + (s.cap_usd ? ' · at most $' + Number(s.cap_usd) + ' a run' : ''))),
    el('td', {}, s.next_at ? el('b', {}, s.next_words) : el('b', {}, s.state === 'paused' ? 'Paused' : 'Over'), el('small', {}, s.next_at ? (s.zone === zone ? s.zone : s.zone + ' · here ' + local(s.next_at)) : s.reason)),
    el('td', {}, chip, last ? el('small', {}, ' ' + local(last.due) + (why(last) ? ' · ' + why(last) : '')) : ''),
    el('td', { class: 'ra' }, el('div', { class: 'acts' },
      s.state === 'ended' ? '' : button(on ? 'On' : 'Off', () => act(on ? 'pause' : 'resume', s), s.title + ' runs at its times', { role: 'switch', 'aria-checked': on }),
      button('Run now', () => act('run', s), 'Run ' + s.title + ' now'),
      button('Log', () => { opened = opened === s.id ? '' : s.id; refresh(); }, 'Log of ' + s.title, { 'aria-expanded': opened === s.id }),
      button('Delete', () => { if (confirm('Delete the schedule "' + s.title + '"? What it made stays.')) act('delete', s); }, 'Delete ' + s.title))));
};
const logged = runs => el('tr', { class: 'child' }, el('td', { colspan: 4 }, runs.length ? el('ul', { class: 'plain' }, ...runs.map(r => el('li', {}, el('small', {}, local(r.due)), el('b', {}, (WORDS[r.came_to] || r.came_to) + (r.count > 1 ? ' × ' + r.count : '')), el('span', {}, [r.manual ? 'by hand' : r.late ? 'made up' : '', why(r)].filter(Boolean).join(' · '))))) : el('small', {}, 'It has not run yet.')));
let asking = false, asked = false;
const refresh = async () => {
  if (asking) { asked = true; return; }
  asking = true; asked = false;
  const a = await st.rest('GET', '/schedules');
  if (a && !a.schedules.some(s => s.id === opened)) opened = '';
  const runs = a && opened ? await log({ id: opened }) : [];
  asking = false;
  if (asked) { refresh(); return; }
  if (!a) return;
  const focus = q('tbody').contains(document.activeElement) ? [document.activeElement.closest('tr').dataset.s, document.activeElement.textContent] : null;
  q('tbody').replaceChildren(...a.schedules.flatMap(s => s.id === opened ? [row(s), logged(runs)] : [row(s)]));
  q('table').hidden = !a.schedules.length; q('.none').hidden = a.schedules.length > 0;
  if (focus) { const mine = [...element.querySelectorAll('tr[data-s="' + focus[0] + '"] button')], same = mine.find(b => b.textContent === focus[1]) || mine[0]; if (same) same.focus({ preventScroll: true }); }
};
const shown = () => st.view() === 'queue' && st.queue === 'schedules' && !document.hidden;
const begin = () => { if (st.scheduling) { take(st.scheduling); st.scheduling = null; } coming(); refresh(); };
st.hear('st:queue', v => { if (v.view === 'schedules') begin(); });
const tick = () => { if (!element.isConnected) return; if (shown()) refresh(); setTimeout(tick, 3000); };
if (st.queue === 'schedules') begin();
tick();
