
/* Hearing what is drawn: Web Audio, so that cuts fall where they are seen. Levels, pan, fades and mutes are the mix's own;
   ducking follows where voices lie, and the loudness of the whole is the render's. */
const LONG_S = 420;
let audio = null, playing = null;
const buffers = new Map();
const context = () => audio || (audio = new (window.AudioContext || window.webkitAudioContext)());
const gainOf = db => Math.pow(10, db / 20);
const bufferOf = id => {
  if (!buffers.has(id)) buffers.set(id, (async () => {
    const answer = await fetch(line.open.assets[id].url);
    if (!answer.ok) throw new Error('refused');
    const buffer = await context().decodeAudioData(await answer.arrayBuffer());
    finer(id, buffer);
    return buffer;
  })().catch(() => { buffers.delete(id); return null; }));
  return buffers.get(id);
};
/* The stored waveform has 192 columns; what was decoded anyway is drawn as fine as it is. */
const finer = (id, buffer) => {
  const a = line.open && line.open.assets[id]; if (!a || a.fine) return;
  const data = buffer.getChannelData(0), count = Math.min(4000, Math.max(192, Math.round(buffer.duration * 30))), columns = new Array(count);
  for (let n = 0; n < count; n++) {
    let top = 0; const from = Math.floor(n * data.length / count), to = Math.floor((n + 1) * data.length / count), by = Math.max(1, Math.floor((to - from) / 200));
    for (let i = from; i < to; i += by) { const v = Math.abs(data[i]); if (v > top) top = v; }
    columns[n] = Math.round(top * 100);
  }
  a.fine = columns;
};
const heardTracks = () => { const alone = line.open.tracks.some(t => t.solo); return line.open.tracks.filter(t => alone ? t.solo : !t.mute); };
const spoken = tracks => tracks.filter(t => t.role === 'voice').flatMap(t => t.clips.filter(c => !c.mute).map(c => [c.start, c.start + lengthOf(c)]));
const startSound = async () => {
  if (!line.open) return;
  const mine = stopSound(), ctx = context();
  if (ctx.state === 'suspended') await ctx.resume();
  if (st.state().playing) st.toggle();
  if (line.at >= ends() - .02) { line.at = 0; drawHeadAt(); }
  const button = q('[data-do=play]');
  button.classList.add('busy');
  const tracks = heardTracks(), wanted = [];
  for (const t of tracks) for (const c of t.clips) {
    const a = assetOf(c); if (c.mute || a.gone || a.binned || a.silent || c.start + lengthOf(c) <= line.at) continue;
    wanted.push({ t, c, a, length: lengthOf(c), sound: a.seconds > LONG_S ? null : bufferOf(c.asset) });
  }
  const ready = await Promise.all(wanted.map(async w => ({ ...w, sound: w.sound && await w.sound })));
  button.classList.remove('busy');
  if (mine !== playing || !line.open) return;
  const missing = ready.find(w => !w.sound && w.a.seconds <= LONG_S);
  if (missing) st.toast('error', '“' + missing.a.name + '” could not be loaded.', 'The rest plays.');
  const from = line.at, zero = ctx.currentTime + .06 - from, master = ctx.createGain(), last = ends(), voices = spoken(tracks);
  master.connect(ctx.destination);
  const buses = new Map();
  for (const t of tracks) {
    const gain = ctx.createGain(), duck = ctx.createGain(), pan = ctx.createStereoPanner();
    gain.gain.value = gainOf(t.gain); pan.pan.value = t.pan;
    duck.connect(gain); gain.connect(pan); pan.connect(master);
    if (t.duck && t.role !== 'voice') {
      const low = gainOf(-t.duck.db), spans = [...voices, ...t.duck.under].sort((a, b) => a[0] - b[0]);
      for (const [a, b] of spans) {
        if (b < from) continue;
        const down = Math.max(ctx.currentTime, zero + a - t.duck.attack), up = zero + b;
        if (a > from) duck.gain.setTargetAtTime(low, down, t.duck.attack / 3); else duck.gain.setValueAtTime(low, ctx.currentTime);
        if (!spans.some(([x, y]) => x <= b + .5 && y > b)) duck.gain.setTargetAtTime(1, Math.max(ctx.currentTime, up), t.duck.release / 3);
      }
    }
    buses.set(t.id, { in: duck, gain, pan });
  }
  mine.nodes = []; mine.buses = buses; mine.clips = new Map();
  for (const w of ready) {
    const { c, t, a } = w, level = t.level != null && a.lufs != null ? t.level - a.lufs : 0, length = Math.min(w.length, last - c.start);
    const fades = ctx.createGain(), gain = ctx.createGain(), pan = ctx.createStereoPanner();
    gain.gain.value = gainOf(level + c.gain); pan.pan.value = c.pan;
    fades.connect(gain); gain.connect(pan); pan.connect(buses.get(t.id).in);
    mine.clips.set(c.id, { gain, pan, level });
    const begin = Math.max(from, c.start), inside = begin - c.start, when = zero + begin, until = zero + c.start + length;
    const at = x => c.fin > 0 && x < c.fin ? Math.max(0, x / c.fin) : c.fout > 0 && x > length - c.fout ? Math.max(0, (length - x) / c.fout) : 1;
    fades.gain.setValueAtTime(at(inside), Math.max(ctx.currentTime, when));
    if (c.fin > inside) fades.gain.linearRampToValueAtTime(1, zero + c.start + c.fin);
    if (c.fout > 0) { const begins = Math.max(inside, length - c.fout); fades.gain.setValueAtTime(at(begins), zero + c.start + begins); fades.gain.linearRampToValueAtTime(0, until); }
    if (w.sound) {
      const source = ctx.createBufferSource(); source.buffer = w.sound; source.connect(fades);
      const piece = c.length == null ? w.sound.duration - c.offset : c.length;
      if (c.loop) { source.loop = true; source.loopStart = c.offset; source.loopEnd = c.offset + piece; source.start(when, c.offset + inside % piece); source.stop(until); }
      else source.start(when, c.offset + inside, Math.max(.001, length - inside));
      mine.nodes.push(source);
    } else if (a.seconds > LONG_S) {
      // A long film is not decoded into memory; an element follows it, a few hundredths less exactly.
      const media = new Audio(a.url); media.preload = 'auto'; media.currentTime = c.offset + inside;
      ctx.createMediaElementSource(media).connect(fades);
      mine.timers.push(setTimeout(() => media.play().catch(() => {}), Math.max(0, (when - ctx.currentTime) * 1000)), setTimeout(() => media.pause(), Math.max(0, (until - ctx.currentTime) * 1000)));
      mine.nodes.push({ stop: () => { media.pause(); media.removeAttribute('src'); } });
    }
  }
  mine.zero = zero; mine.master = master;
  const tick = () => {
    if (playing !== mine) return;
    line.at = Math.max(from, ctx.currentTime - zero);
    if (line.at >= last) { line.at = last; stopSound(); drawHeadAt(); return; }
    drawHeadAt(); follow();
    requestAnimationFrame(tick);
  };
  button.classList.add('on'); button.setAttribute('aria-label', 'Pause'); button.setAttribute('aria-pressed', 'true');
  root.dataset.playing = '1';
  tick();
};
/* Stops, and answers the token of whoever plays next. */
const stopSound = () => {
  const old = playing;
  playing = { nodes: [], timers: [], buses: null };
  if (old) { old.timers.forEach(clearTimeout); old.nodes.forEach(n => { try { n.stop(); } catch (e) { /* it has not begun */ } }); if (old.master) old.master.disconnect(); }
  const button = q('[data-do=play]');
  button.classList.remove('on', 'busy'); button.setAttribute('aria-label', 'Play from the playhead'); button.setAttribute('aria-pressed', 'false');
  delete root.dataset.playing;
  return playing;
};
const sounds = () => !!root.dataset.playing;
const moveSound = () => { if (sounds()) startSound(); };
const soundChanged = () => { if (sounds()) startSound(); };
/* A level that is being moved is heard at once; everything else when it is saved. */
const live = (id, of, name, value) => {
  const node = sounds() && playing[of] && playing[of].get(id); if (!node) return;
  if (name === 'gain') node.gain.gain.value = gainOf(value + (node.level || 0)); else node.pan.pan.value = value;
};
const follow = () => {
  const view = q('.mtv'), x = px(line.at) - view.scrollLeft;
  if (x > view.clientWidth - 30 || x < 0) view.scrollLeft = px(line.at) - 30;
};
st.hear('st:sound', s => { if (s.playing && sounds()) stopSound(); });
