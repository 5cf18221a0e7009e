
/* Drawing. Times become widths through line.pps, pixels a second. */
const HEAD = () => matchMedia('(max-width:760px)').matches ? 108 : 196;
const px = s => s * line.pps;
const shape = (peaks, from, to, whole) => {
  const count = peaks.length; if (!count || !whole) return '';
  const a = Math.max(0, Math.floor(from / whole * count)), b = Math.min(count, Math.max(a + 1, Math.ceil(to / whole * count)));
  const part = peaks.slice(a, b), top = Math.max(8, ...peaks), up = part.map((p, n) => n + ' ' + (20 - Math.max(.4, p / top * 18)).toFixed(1)), down = part.map((p, n) => n + ' ' + (20 + Math.max(.4, p / top * 18)).toFixed(1)).reverse();
  return 'M' + up.join('L') + 'L' + down.join('L') + 'Z';
};
const svg = (d, width, name) => {
  const s = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), p = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  s.setAttribute('viewBox', '0 0 ' + Math.max(1, width) + ' 40'); s.setAttribute('preserveAspectRatio', 'none'); s.setAttribute('aria-hidden', 'true'); s.setAttribute('class', name);
  p.setAttribute('d', d); s.append(p);
  return s;
};
/* What fades take away, in seconds by a height of 1. */
const slopes = (fin, fout, length) => (fin ? 'M0 0H' + fin + 'L0 1Z' : '') + (fout ? 'M' + length + ' 0H' + (length - fout) + 'L' + length + ' 1Z' : '');
const drawClip = (track, clip) => {
  const a = assetOf(clip), length = lengthOf(clip), fine = a.fine || a.peaks, part = Math.min(length, a.seconds - clip.offset);
  const columns = Math.max(1, Math.ceil((clip.offset + part) / a.seconds * fine.length) - Math.floor(clip.offset / a.seconds * fine.length));
  const node = el('div', { class: 'mtclip ' + track.role + (clip.mute ? ' off' : '') + (line.chosen === clip.id ? ' sel' : '') + (a.film ? ' film' : '') + (a.gone ? ' gone' : ''),
    role: 'button', tabindex: 0, 'data-clip': clip.id, 'aria-pressed': line.chosen === clip.id,
    'aria-label': a.name + ', ' + precise(clip.start) + ' to ' + precise(clip.start + length) + ' on ' + track.name + (clip.mute ? ', mute' : '') });
  node.style.left = px(clip.start) + 'px'; node.style.width = Math.max(4, px(length)) + 'px';
  if (a.film) node.append(drawPictures(clip, length));
  if (!clip.loop) node.append(svg(shape(fine, clip.offset, clip.offset + part, a.seconds), columns - 1, 'mtw'));
  else for (let at = 0; at < length && at < 600; at += Math.max(1, part)) {
    const one = el('i', { class: 'mtloop' }); one.style.left = px(at) + 'px'; one.style.width = px(Math.min(part, length - at)) + 'px';
    one.append(svg(shape(fine, clip.offset, clip.offset + part, a.seconds), columns - 1, 'mtw')); node.append(one);
  }
  const fades = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  fades.setAttribute('viewBox', '0 0 ' + length + ' 1'); fades.setAttribute('preserveAspectRatio', 'none'); fades.setAttribute('class', 'mtf'); fades.setAttribute('aria-hidden', 'true');
  const p = document.createElementNS('http://www.w3.org/2000/svg', 'path'); p.setAttribute('d', slopes(clip.fin, clip.fout, length)); fades.append(p);
  node.append(fades, el('span', { class: 'mtname' }, (clip.loop ? '⟳ ' : '') + a.name + (clip.gain ? ' · ' + (clip.gain > 0 ? '+' : '') + clip.gain.toFixed(1) + ' dB' : '')));
  const handle = (name, title) => el('i', { class: 'mte ' + name, 'data-part': name, title });
  node.append(handle('l', 'Trim the beginning'));
  if (!clip.loop) node.append(handle('r', 'Trim the end'));
  const fin = handle('fi', 'Fade in'), fout = handle('fo', 'Fade out');
  fin.style.left = px(clip.fin) + 'px'; fout.style.right = px(clip.fout) + 'px';
  node.append(fin, fout);
  return node;
};
const drawPictures = (clip, length) => {
  const strip = el('div', { class: 'mtpics' }), each = 64;
  for (const scene of line.pictures[clip.asset] || []) {
    const from = Math.max(scene.from, clip.offset), to = Math.min(scene.to, clip.offset + length);
    if (to <= from) continue;
    const one = el('span', { title: scene.label });
    one.style.left = px(from - clip.offset) + 'px'; one.style.width = px(to - from) + 'px';
    for (let n = 0; n < Math.min(6, Math.max(1, Math.floor(px(to - from) / each))); n++) one.append(el('img', { src: scene.picture, alt: '', draggable: 'false' }));
    strip.append(one);
  }
  return strip;
};
const drawHead = track => {
  const knob = (name, min, max, stepBy, value, text) => el('label', { class: 'mtknob' }, el('small', {}, text),
    el('input', { type: 'range', min, max, step: stepBy, value, 'data-knob': name, 'aria-label': track.name + ' ' + (name === 'gain' ? 'level in dB' : 'left to right') }), el('output', {}, name === 'gain' ? value.toFixed(1) : value === 0 ? 'C' : (value < 0 ? 'L' : 'R') + Math.round(Math.abs(value) * 100)));
  const flag = (name, letter, on) => el('button', { type: 'button', class: 'tb sq', 'data-flag': name, 'aria-pressed': on, 'aria-label': (name === 'mute' ? 'Mute ' : 'Solo ') + track.name, title: name === 'mute' ? 'Mute' : 'Solo' }, letter);
  return el('div', { class: 'mthead ' + track.role, 'data-track': track.id },
    el('div', { class: 'mthn' }, el('input', { class: 'mtni', value: track.name, maxlength: 100, 'aria-label': 'Name of the track', 'data-name': '1' }),
      flag('mute', 'M', track.mute), flag('solo', 'S', track.solo),
      el('button', { type: 'button', class: 'tb sq', 'data-flag': 'gone', 'aria-label': 'Delete track ' + track.name, title: 'Delete the track' }, '×')),
    knob('gain', -36, 12, .5, track.gain, 'dB'), knob('pan', -1, 1, .05, track.pan, 'L R'));
};
const stepOf = () => [.1, .25, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find(s => px(s) >= 64) || 1200;
const drawRuler = width => {
  const ruler = q('.mtr'), every = stepOf(), marks = [];
  for (let s = 0; px(s) <= width; s += every) { const m = el('span', { class: 'mttick' }, every < 1 ? precise(s) : st.clock(s + .001)); m.style.left = px(s) + 'px'; marks.push(m); }
  for (const m of line.open.markers) { const one = el('button', { type: 'button', class: 'mtmark ' + m.kind, 'data-marker': m.id, title: (m.label || 'Marker') + ' · ' + precise(m.at), 'aria-label': (m.label || 'Marker') + ' at ' + precise(m.at) }, m.kind === 'scene' ? (m.label.match(/^Scene (\d+)/) || [, m.label])[1] : m.label); one.style.left = px(m.at) + 'px'; marks.push(one); }
  ruler.replaceChildren(...marks);
  ruler.setAttribute('aria-valuemax', Math.round(ends()));
};
/* Bars of the music that is heard, drawn while they are far enough apart to tell. */
const drawBeats = () => {
  const lines = [];
  for (const { track, clip } of clips()) {
    const a = assetOf(clip); if (!a.beats || clip.mute || track.mute || clip.loop) continue;
    const only = new Set(a.bars), length = lengthOf(clip), wide = a.beats.length > 1 && px(a.beats[1] - a.beats[0]) >= 14;
    a.beats.forEach((at, n) => {
      const t = clip.start + at - clip.offset;
      if (t < clip.start - .001 || t > clip.start + length + .001 || !(wide || only.has(n)) || lines.length > 1500) return;
      const i = el('i', { class: 'mtbeat' + (only.has(n) ? ' bar' : '') }); i.style.left = px(t) + 'px'; lines.push(i);
    });
  }
  return lines;
};
const draw = () => {
  if (!line.open) return;
  const focus = document.activeElement && element.contains(document.activeElement) ? document.activeElement : null;
  const back = focus && (focus.dataset.clip ? '[data-clip="' + focus.dataset.clip + '"]' : focus.closest('[data-track]') && focus.dataset.flag ? '[data-track="' + focus.closest('[data-track]').dataset.track + '"] [data-flag="' + focus.dataset.flag + '"]' : '');
  const seconds = ends(), room = Math.max(200, q('.mtv').clientWidth), width = Math.max(room, px(seconds + 4));
  drawRuler(width);
  const lanes = line.open.tracks.map(track => {
    const lane = el('div', { class: 'mtlane ' + track.role, 'data-lane': track.id, 'aria-label': track.name });
    const alone = line.open.tracks.some(t => t.solo);
    lane.classList.toggle('off', alone ? !track.solo : track.mute);
    lane.append(...track.clips.map(clip => drawClip(track, clip)));
    return lane;
  });
  const end = el('i', { class: 'mtend', title: 'The piece ends here' }); end.style.left = px(seconds) + 'px';
  const marks = line.open.markers.map(m => { const i = el('i', { class: 'mtcut ' + m.kind }); i.style.left = px(m.at) + 'px'; return i; });
  const guide = el('i', { class: 'mtguide', hidden: true }), head = el('i', { class: 'mtplay' });
  q('.mtk').replaceChildren(...drawBeats(), ...marks, ...lanes, end, guide, head);
  q('.mtk').style.width = q('.mtr').style.width = width + 'px';
  if (!(focus && focus.closest('.mthead') && focus.matches('input'))) q('.mth').replaceChildren(el('div', { class: 'mtcorner' }), ...line.open.tracks.map(drawHead));
  if (!line.open.tracks.some(t => t.clips.length)) q('.mtk').append(el('p', { class: 'none mtnone' }, 'Open the audio panel and add a sound, or press “+ Mix” on anything in the library.'));
  q('[data-do=undo]').disabled = !line.open.undo; q('[data-do=redo]').disabled = !line.open.redo;
  q('.mts').textContent = said();
  const preset = q('[data-piece=loudness]'), long = q('[data-piece=length]');
  if (document.activeElement !== preset) preset.value = line.open.loudness;
  if (document.activeElement !== long) long.value = line.open.length == null ? '' : Math.round(line.open.length * 1000) / 1000;
  drawPlan(); drawHeadAt(); drawChosen();
  if (back) { const node = element.querySelector(back); if (node) node.focus({ preventScroll: true }); }
};
/* What it is made for, and what it lacks for that. */
const drawPlan = () => {
  const { plan, cleared } = line.open, box = q('.mtright'), pick = q('[data-piece=for]');
  if (document.activeElement !== pick) pick.value = plan ? plan.platform : '';
  q('.mtpaid').hidden = !plan; q('[data-piece=commercial]').checked = Boolean(plan && plan.commercial);
  box.hidden = !cleared || !clips().length; box.classList.toggle('ok', Boolean(cleared && cleared.ok));
  if (box.hidden) return;
  const where = pick.selectedOptions.length ? pick.selectedOptions[0].textContent : plan.platform;
  box.replaceChildren(...(cleared.ok ? [el('p', {}, 'Cleared for ' + where + '.')] : [
    el('div', {}, el('b', {}, 'Not cleared for ' + where + '.'), el('ul', { class: 'plain' }, ...cleared.reasons.map(r => el('li', {}, r)), ...cleared.steps.map(s => el('li', {}, '→ ' + s)))),
    el('button', { type: 'button', class: 'tb', 'data-do': 'draft', title: 'To try it: it is marked as a draft and says what it lacks' }, 'Render a draft')]));
};
const drawHeadAt = () => {
  const head = q('.mtplay'); if (head) head.style.transform = 'translateX(' + px(line.at) + 'px)';
  q('.mtp').textContent = precise(line.at);
  q('.mtr').setAttribute('aria-valuenow', Math.round(line.at * 10) / 10); q('.mtr').setAttribute('aria-valuetext', precise(line.at));
};
const drawChosen = () => {
  const found = find(line.chosen), box = q('.mti');
  for (const act of ['split', 'mute', 'duplicate', 'delete']) q('[data-do=' + act + ']').disabled = !found;
  box.hidden = !found;
  if (!found || box.contains(document.activeElement) && document.activeElement.type === 'range') return;
  const { clip, track } = found, a = assetOf(clip), length = lengthOf(clip);
  const field = (name, text, value, props) => el('label', { class: 'mtfield' }, el('small', {}, text), el('input', { class: 'inp', type: 'number', step: .1, value: Math.round(value * 1000) / 1000, 'data-field': name, ...props }));
  const slide = (name, text, value, min, max, by) => el('label', { class: 'mtfield wide' }, el('small', {}, text), el('input', { type: 'range', min, max, step: by, value, 'data-field': name, 'aria-label': text }), el('output', {}, String(value)));
  box.replaceChildren(el('div', { class: 'mtwho' }, el('b', {}, a.name), el('small', {}, a.gone ? 'This sound is gone: delete the clip, or bring it back' : [track.name, a.bpm ? a.bpm.toFixed(1) + ' BPM' : '', a.binned ? 'in the bin' : ''].filter(Boolean).join(' · '))),
    field('start', 'Start (s)', clip.start, { min: 0 }), field('length', 'Length (s)', length, { min: .01, disabled: clip.loop }),
    field('fin', 'Fade in (s)', clip.fin, { min: 0 }), field('fout', 'Fade out (s)', clip.fout, { min: 0 }),
    slide('gain', 'Level (dB)', clip.gain, -36, 12, .5), slide('pan', 'Left to right', clip.pan, -1, 1, .05),
    el('div', { class: 'acts' }, el('button', { type: 'button', class: 'tb', 'data-do': 'loop', 'aria-pressed': clip.loop }, 'Loop'),
      !a.beats && !a.film && !a.gone ? el('button', { type: 'button', class: 'tb', 'data-do': 'beats', title: 'Listen for its beats, to snap to them' }, 'Find beats') : '',
      a.beats && clip.length !== 0 ? el('button', { type: 'button', class: 'tb', 'data-do': 'bars', title: 'Markers on the first beats of its bars' }, 'Mark bars') : ''));
};
const fit = () => {
  const room = q('.mtv').clientWidth || 700;
  line.pps = Math.min(400, Math.max(.5, (room - 24) / Math.max(4, ends() + 1)));
  q('.mtv').scrollLeft = 0; line.fitted = true;
  draw();
};
const zoom = by => {
  const view = q('.mtv'), x = px(line.at) - view.scrollLeft, inside = x >= 0 && x <= view.clientWidth;
  const at = inside ? line.at : (view.scrollLeft + view.clientWidth / 2) / line.pps;
  line.pps = Math.min(800, Math.max(.5, line.pps * by)); line.fitted = false;
  draw();
  view.scrollLeft = px(at) - (inside ? x : view.clientWidth / 2);
};
const choose = id => {
  line.chosen = id;
  element.querySelectorAll('.mtclip').forEach(n => { const on = n.dataset.clip === id; n.classList.toggle('sel', on); n.setAttribute('aria-pressed', on); });
  drawChosen();
};
const loadPictures = async () => {
  const films = Object.entries(line.open.assets).filter(([id, a]) => a.film && !line.pictures[id]).map(([id]) => id);
  for (const id of films) {
    const a = await st.ask(server, 'timeline_pictures', { id }, true);
    line.pictures[id] = a ? a.scenes : [];
  }
  if (films.length && line.open) draw();
};
