/* A whole playlist in the one player: the next begins where one ends. */
let through = null;
const throughBar = () => {
  const bar = q('.pv-through'); bar.hidden = !through;
  if (!through) return;
  const s = through.steps[through.at], b = (words, fn, off) => el('button', { type: 'button', class: 'tb', disabled: off, onclick: fn }, words);
  bar.replaceChildren(el('b', {}, (through.at + 1) + ' of ' + through.steps.length), el('span', { class: 'pv-what' }, s.title || s.trackId), b('Previous', () => step(through.at - 1), through.at === 0), b('Next', () => step(through.at + 1), through.at + 1 >= through.steps.length), b('Stop', () => { through = null; throughBar(); if (st.state().playing) st.toggle(); }));
};
const step = at => {
  if (!through || at < 0) return;
  if (at >= through.steps.length) { const name = through.name; through = null; throughBar(); st.toast('ok', 'Played to the end', name); return; }
  through.at = at;
  const s = through.steps[at], now = st.state(), same = now.item && now.item.key === s.url;
  if (!(same && now.playing)) st.play({ key: s.url, url: s.url, id: s.sound === 'file' ? s.url.split('/').pop() : '', title: s.title || s.trackId, sub: [s.artist, through.name].filter(Boolean).join(' · '), d: '', seconds: s.durationS || 0 });
  if (same) st.seek(0);
  throughBar();
};
const playThrough = async (id, name) => {
  const a = await st.rest('GET', '/music-licensing/playlists/' + id + '/play');
  if (!a) return;
  const steps = a.steps.filter(s => s.sound !== 'none');
  if (!steps.length) { st.toast('error', 'Nothing in it can be heard.', (a.steps[0] && a.steps[0].why) || 'Add tracks to it first.'); return; }
  through = { id, name, steps, at: 0, failed: 0 };
  if (steps.length < a.steps.length) st.toast('ok', steps.length + ' of ' + a.steps.length + ' can be heard', 'The others are left out.');
  step(0);
};
const mine = item => through && item && item.key === through.steps[through.at].url;
st.hear('st:ended', d => { if (mine(d.item)) { through.failed = 0; step(through.at + 1); } });
st.hear('st:failed', d => {
  if (!mine(d.item)) return;
  if (++through.failed > 2) { through = null; throughBar(); return; } // each has said why: no more of it
  step(through.at + 1);
});
/* Somebody plays something else: that is the end of it. */
st.hear('st:sound', s => { if (through && s.playing && s.item && !mine(s.item)) { through = null; throughBar(); } });
