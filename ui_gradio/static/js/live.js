/* 'settled' 'changed' */
const st = window.st;
const known = new Map(), follow = new Map();
let stamp = null, timer = 0, lost = 0, busy = false, last = null;
const end = job => {
  const mine = follow.get(job.id);
  follow.delete(job.id);
  if (job.draft && !mine) return;
  if (job.state === 'done') {
    const playNow = mine && mine.play && job.sound && !st.state().playing;
    const whole = job.sound && { ...job.sound, key: job.sound.url, title: (job.draft ? 'Preview: ' : '') + job.sound.name,
      sub: job.sound.meta, mixable: job.sound.mixable && !job.draft };
    if (whole && mine && mine.stream) st.swap(mine.stream, whole);
    else if (playNow) st.play(whole);
    if (!job.draft) st.toast('ok', job.kind + ' is ready', job.title);
  } else if (job.state === 'failed' || job.state === 'unknown') st.toast('error', job.cause || job.title + ' failed.', job.remedy);
};
const take = p => {
  p.jobs.forEach(job => {
    const before = known.get(job.id);
    const over = !job.live;
    if (over && ((before && before.live) || follow.has(job.id))) end(job);
    known.set(job.id, job);
  });
  const moved = stamp !== null && stamp !== p.stamp;
  stamp = p.stamp; last = p;
  st.jobs = p.jobs;
  st.tell('st:pulse', p);
  if (moved) st.tell('st:changed');
};
const pulse = async () => {
  clearTimeout(timer);
  if (!element.isConnected) return;
  if (!document.hidden && !busy) {
    busy = true;
    const p = await st.ask(server, 'pulse', { follow: [...follow.keys()] }, true);
    busy = false;
    if (p) { if (lost > 2) st.toast('ok', 'The studio is back.'); lost = 0; take(p); }
    else if (++lost === 3) st.toast('error', 'The studio does not answer.', 'Is it still running? This page keeps trying; nothing typed is lost.');
  }
  clearTimeout(timer);
  timer = setTimeout(pulse, lost ? 3000 : last && last.live || follow.size ? 500 : 2500);
};
document.addEventListener('visibilitychange', () => { if (!document.hidden) pulse(); });
st.follow = (id, play, stream, title, seconds) => {
  follow.set(id, { play, stream });
  if (stream) st.play({ key: stream, url: stream, title: title || 'Preview', sub: 'Sounds while it is made', seconds: seconds || 0 });
  pulse();
};
st.soon = () => pulse();
/* What an event handler in Python has to say arrives as this part's value. */
watch('value', () => {
  const v = props.value; if (!v) return;
  if (v.error) st.toast('error', v.error.message, v.error.hint);
  if (v.said) st.toast('ok', v.said, v.more || '');
  (v.jobs || []).forEach((id, n) => st.follow(id, v.play && n === 0, n === 0 && v.stream, v.title, v.seconds));
  if (v.project) st.tell('st:mixed', { project: v.project, version: v.version });
  if (v.refresh) st.tell('st:changed');
  if (v.preset) st.tell('st:presets', { id: v.preset });
  if (v.show) st.show(v.show);
});
pulse();
