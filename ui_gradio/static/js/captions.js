const st = window.st, q = s => element.querySelector(s);
let id = '', cues = [], at = -1;
const show = async next => {
  if (!next || next === id) return;
  const a = await st.ask(server, 'lines', { id: next }, true);
  if (!a || !a.captions.length) return;
  id = next; at = -1;
  let w = 0;
  cues = a.captions.map(c => {
    const words = [];
    while (w < a.words.length && a.words[w].start_s < c.end_s - 1e-6) words.push(a.words[w++]);
    const text = c.text.replace(/\n/g, ' ');
    // Words are laid over the caption's own text, so that scripts without blanks keep their spelling.
    const parts = []; let from = 0;
    words.forEach(one => { const i = text.indexOf(one.word, from); if (i < 0) return; if (i > from) parts.push(text.slice(from, i)); const node = st.el('i', { 'data-s': one.start_s }, one.word); parts.push(node); from = i + one.word.length; });
    parts.push(text.slice(from));
    const line = st.el('button', { type: 'button', 'aria-label': 'Play from ' + st.clock(c.start_s) + ': ' + text, onclick: () => jump(c.start_s) },
      st.el('span', {}, st.clock(c.start_s) + '.' + Math.floor(c.start_s * 10 % 10)), st.el('div', {}, ...parts));
    return { ...c, line: st.el('li', {}, line), words: parts.filter(p => p.dataset) };
  });
  q('.cap').replaceChildren(...cues.map(c => c.line)); q('.none').hidden = true;
  q('.files').replaceChildren(...['srt', 'vtt', 'ass', 'json'].filter(f => a.files[f]).map(f =>
    st.el('a', { class: 'tb', href: '/export/' + a.files[f] + '?pack=false', download: '', 'aria-label': 'Download captions as ' + f.toUpperCase() }, f.toUpperCase())));
};
const jump = seconds => {
  const s = st.state();
  if (!s.item || s.item.id !== id) {
    const row = ((st.lists || {}).voiceover || []).find(r => r.id === id);
    if (!row) return;
    st.play({ ...row, key: row.url, title: row.name, sub: row.meta, mixable: true });
  } else if (!s.playing) st.toggle();
  st.seek(seconds);
};
st.hear('st:takes', t => { if (t.kind === 'voiceover' && t.rows.length) { const s = st.state(); if (!s.playing || !s.item || s.item.id !== id) show(t.rows[0].id); } });
st.hear('st:sound', s => {
  if (!s.item) return;
  if (s.item.id && s.item.id !== id && s.playing) show(s.item.id);
  if (s.item.id !== id) return;
  const n = s.playing || s.time > 0 ? cues.findIndex(c => s.time >= c.start_s - 0.05 && s.time < c.end_s) : -1;
  if (n !== at) {
    if (cues[at]) cues[at].line.classList.remove('now');
    if (cues[n]) { cues[n].line.classList.add('now'); const box = q('.cap'); const l = cues[n].line; if (s.playing) box.scrollTop = Math.max(0, l.offsetTop - box.offsetTop - 70); }
    at = n;
  }
  cues.forEach((c, i) => c.words.forEach(w => w.classList.toggle('said', i === n && Number(w.dataset.s) <= s.time + 0.02)));
});
