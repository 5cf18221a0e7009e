
/* What the buttons and the keys do. */
const six = s => Math.round(s * 1e6) / 1e6;
const chosen = () => find(line.chosen);
const acts = {
  play: () => sounds() ? stopSound() : startSound(),
  undo: async () => { await rest(); step('undo'); },
  redo: async () => { await rest(); step('redo'); },
  split: () => { const f = chosen(); if (f) { const id = fresh('clip'); now({ edit: 'split', clip: f.clip.id, at_s: six(line.at), id }).then(a => { if (a) choose(id); }); } },
  mute: () => { const f = chosen(); if (f) now({ edit: 'mute', clip: f.clip.id, mute: !f.clip.mute }); },
  loop: () => { const f = chosen(); if (f) now({ edit: 'loop', clip: f.clip.id, loop: !f.clip.loop }); },
  duplicate: () => { const f = chosen(); if (f) { const id = fresh('clip'); now({ edit: 'duplicate', clip: f.clip.id, id }).then(a => { if (a) choose(id); }); } },
  delete: () => { const f = chosen(); if (f) now({ edit: 'delete', clip: f.clip.id }); },
  snap: b => { line.snap = !line.snap; q('[data-do=snap]').setAttribute('aria-pressed', line.snap); },
  marker: () => now({ edit: 'marker', at_s: six(line.at), label: '' }),
  track: () => now({ edit: 'add_track', name: 'Track ' + (line.open.tracks.length + 1), role: 'music' }),
  in: () => zoom(1.5), out: () => zoom(1 / 1.5), fit,
  bars: () => {
    const f = chosen(), a = f && assetOf(f.clip); if (!a || !a.beats) return;
    const length = lengthOf(f.clip), at = a.bars.map(n => f.clip.start + a.beats[n] - f.clip.offset).filter(t => t >= f.clip.start - .001 && t <= f.clip.start + length).slice(0, 400);
    if (at.length) now(...at.map((t, n) => ({ edit: 'marker', at_s: six(Math.max(0, t)), kind: 'beat', label: 'Bar ' + (n + 1) })));
  },
  beats: async () => {
    const f = chosen(); if (!f) return;
    const a = await st.ask(server, 'timeline_beats', { id: f.clip.asset });
    if (a) { line.listening = a.job; st.follow(a.job, false); st.toast('ok', 'Listening for the beats', f && assetOf(f.clip).name); }
  },
  draft: () => acts.render(null, true),
  render: async (b, draft) => {
    await rest(); await turn;
    if (!line.open || line.refused) { if (line.refused) st.toast('error', 'Your last change is not saved yet.', 'Decide what becomes of it first.'); return; }
    const a = await st.ask(server, 'timeline_render', { id: line.open.id, version: line.open.version, draft: draft === true });
    if (a) { stopSound(); st.follow(a.job, true); }
  },
  again: () => settle('again'), copy: () => settle('copy'), theirs: () => settle('theirs'),
};
root.addEventListener('click', e => {
  const b = e.target.closest('[data-do]');
  if (b && acts[b.dataset.do]) { acts[b.dataset.do](b); return; }
  const flag = e.target.closest('[data-flag]');
  if (flag) {
    const track = line.open.tracks.find(t => t.id === flag.closest('[data-track]').dataset.track), which = flag.dataset.flag;
    if (which === 'gone') now({ edit: 'delete_track', track: track.id });
    else now({ edit: which, track: track.id, [which]: !track[which] });
  }
});
const trackOf = node => line.open.tracks.find(t => t.id === node.closest('[data-track]').dataset.track);
root.addEventListener('input', e => {
  const t = e.target;
  if (t.dataset.knob) {
    const track = trackOf(t), value = Number(t.value), name = t.dataset.knob;
    track[name] = value; live(track.id, 'buses', name, value);
    t.nextSibling.textContent = name === 'gain' ? value.toFixed(1) : value === 0 ? 'C' : (value < 0 ? 'L' : 'R') + Math.round(Math.abs(value) * 100);
    later(track.id + name, name === 'gain' ? { edit: 'gain', track: track.id, gain_db: value } : { edit: 'pan', track: track.id, pan: value });
  }
  if (t.dataset.field && t.type === 'range') {
    const f = chosen(), value = Number(t.value), name = t.dataset.field; if (!f) return;
    f.clip[name] = value; live(f.clip.id, 'clips', name, value); t.nextSibling.textContent = String(value);
    later(f.clip.id + name, name === 'gain' ? { edit: 'gain', clip: f.clip.id, gain_db: value } : { edit: 'pan', clip: f.clip.id, pan: value });
  }
});
root.addEventListener('change', e => {
  const t = e.target, value = Number(t.value);
  if (t.dataset.piece === 'loudness') now({ edit: 'piece', loudness: t.value });
  if (t.dataset.piece === 'for' || t.dataset.piece === 'commercial') {
    const platform = q('[data-piece=for]').value, was = line.open.plan || {};
    now({ edit: 'plan', use: platform ? { ...was, platform, commercial: line.open.plan ? q('[data-piece=commercial]').checked : platform !== 'private' } : null });
  }
  if (t.dataset.piece === 'length') { if (t.validity.valid) now({ edit: 'piece', length_s: value }); else draw(); t.blur(); }
  if (t.dataset.name) { const track = trackOf(t); if (t.value.trim()) now({ edit: 'track', track: track.id, name: t.value.trim() }); t.blur(); }
  if (!t.dataset.field || t.type !== 'number' || t.value === '' || !isFinite(value)) return;
  const f = chosen(); if (!f) return;
  const id = f.clip.id;
  now({ start: { edit: 'move', clip: id, start_s: value }, length: { edit: 'trim', clip: id, end_s: six(f.clip.start + value) },
    fin: { edit: 'fade', clip: id, in_s: value }, fout: { edit: 'fade', clip: id, out_s: value } }[t.dataset.field]);
});
const nudge = by => {
  const f = chosen(); if (!f) return;
  f.clip.start = six(Math.max(0, f.clip.start + by));
  later('move' + f.clip.id, { edit: 'move', clip: f.clip.id, start_s: f.clip.start });
  draw();
};
const climb = by => {
  const f = chosen(); if (!f) return;
  const n = line.open.tracks.indexOf(f.track) + by, to = line.open.tracks[n];
  if (to) now({ edit: 'move', clip: f.clip.id, track: to.id });
};
root.addEventListener('keydown', e => {
  if (!line.open) return;
  const typing = e.target.matches('input:not([type=range]),textarea,select'), range = e.target.matches('input[type=range]');
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key, does = fn => { e.preventDefault(); e.stopPropagation(); fn(); };
  if ((e.ctrlKey || e.metaKey) && !typing) {
    if (key === 'z') does(e.shiftKey ? acts.redo : acts.undo);
    if (key === 'y') does(acts.redo);
    return;
  }
  if (typing || e.altKey && !/^Arrow/.test(e.key)) return;
  if (e.key === ' ' && !e.target.matches('button')) return does(acts.play);
  if (range) return;
  const by = e.altKey ? .01 : e.shiftKey ? 1 : .1;
  if (e.target.matches('.mtr')) {
    if (e.key === 'ArrowRight') return does(() => place(line.at + by));
    if (e.key === 'ArrowLeft') return does(() => place(Math.max(0, line.at - by)));
  }
  if (e.key === 'Enter' && e.target.dataset.clip) return does(() => choose(e.target.dataset.clip));
  if (e.key === 'ArrowRight' && chosen()) return does(() => nudge(by));
  if (e.key === 'ArrowLeft' && chosen()) return does(() => nudge(-by));
  if (e.key === 'ArrowUp' && chosen()) return does(() => climb(-1));
  if (e.key === 'ArrowDown' && chosen()) return does(() => climb(1));
  if (e.key === 'Home') return does(() => place(0));
  if (e.key === 'End') return does(() => place(ends()));
  if (e.key === 'Escape') return does(() => choose(''));
  const act = { s: 'split', m: 'mute', d: 'duplicate', n: 'snap', k: 'marker', Delete: 'delete', Backspace: 'delete', '+': 'in', '=': 'in', '-': 'out', 0: 'fit' }[key];
  if (act) does(() => acts[act]());
});
element.addEventListener('focusin', e => { const node = e.target.closest('.mtclip'); if (node && node.dataset.clip !== line.chosen && !drag) choose(node.dataset.clip); });
