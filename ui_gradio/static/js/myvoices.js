const st = window.st, el = st.el, q = s => element.querySelector(s);
const BASE = '/audio-studio/voice-cloning/voices';
let rows = [], open = '', teams = null, engines = [], last = '';
const button = (text, fn, cls = '', label = '') => el('button', { type: 'button', class: 'tb ' + cls, onclick: fn, 'aria-label': label || false }, text);
const day = t => t ? new Date(t).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }) : 'never';
const act = async (method, path, body, said) => { const a = await st.rest(method, BASE + path, body); if (a !== null) { if (said) st.toast('ok', said); refresh(); st.tell('st:gallery'); } return a; };
const num = v => typeof v === 'number' ? (Math.abs(v) >= 100 ? v.toFixed(0) : v.toFixed(Math.abs(v) >= 10 ? 1 : 2)) : String(v);
const traits = v => Object.entries(v.characteristics).filter(([, c]) => c.value !== null && c.value !== '').map(([name, c]) =>
  el('li', {}, el('b', {}, name.replace(/_/g, ' ')), el('span', {}, num(c.value)), el('small', {}, Math.round(100 * c.confidence) + ' % sure')));
/* Before and after, as bars on one scale: shorter is nearer to the speaker. Where an encoder of speakers is installed, its
   cosine stands beside: there nearer to 1 is nearer. */
const alike = s => s ? el('p', { class: 'said', 'data-similarity': s.after }, 'Speaker similarity ' + (s.before === undefined ? '' : s.before.toFixed(2) + ' → ') + s.after.toFixed(2) + ' (cosine of the encoder of ' + s.encoder + '; 1 is the same voice)') : '';
const near = l => {
  if (!l || !l.measures) return '';
  const both = l.measures.filter(m => m.before !== undefined), lone = l.measures.filter(m => m.before === undefined);
  return el('div', { class: 'near' }, l.said ? el('p', { class: 'said' }, l.said) : '', ...both.map(m => {
    const most = Math.max(m.before, m.after, 1e-9);
    const bar = (cls, v) => el('div', { class: 'nb ' + cls }, Object.assign(el('i', {}), { style: 'width:' + Math.max(2, 100 * v / most) + '%' }), el('span', {}, num(v) + ' ' + m.unit));
    return el('div', { class: 'nm' }, el('b', {}, m.name), el('div', {}, bar('b', m.before), bar('a', m.after)));
  }), both.length ? el('p', { class: 'said' }, 'Grey: the embedded voice as it is. Orange: with this voice laid on it. Shorter is nearer.') : '',
  lone.length ? el('p', { class: 'said' }, 'Beside the speaker: ' + lone.map(m => m.name.toLowerCase() + ' ' + num(m.after) + ' ' + m.unit).join(', ') + '. Less is nearer.') : '', alike(l.similarity));
};
const recording = (v, r) => el('div', { class: 'refr', 'data-ok': r.usable ? '1' : '0' }, el('div', { class: 'rh' }, el('b', {}, r.name), el('small', {}, st.clock(r.duration) + ' · ' + Math.round(100 * r.score) + ' of 100'),
  button('Play', () => st.play({ key: r.url, url: r.url, title: r.name, sub: 'Recording' }), '', 'Play ' + r.name),
  button('Remove', () => { if (confirm('Delete the recording "' + r.name + '"?')) act('DELETE', '/' + v.voice_id + '/recordings/' + r.id, null, 'Deleted'); }, 'bad', 'Remove ' + r.name)));
const remove = async v => {
  const box = el('dialog', { class: 'box', 'aria-label': 'Delete ' + v.name },
    el('h2', {}, 'Delete ' + v.name + '?'), el('p', {}, 'Its recordings, the consent recording, what engines learned and copies at services are deleted at once. Finished pieces stay.'),
    el('label', { class: 'ckl' }, el('input', { type: 'checkbox', name: 'withdraw' }), ' The speaker withdrew the consent: those pieces may no longer be published or sold'),
    el('div', { class: 'drow' }, button('Cancel', () => { box.close(); box.remove(); }), button('Delete', async () => {
      const a = await act('DELETE', '/' + v.voice_id + '?withdraw=' + box.querySelector('input').checked);
      if (a) { const left = Object.entries(a.left_at_services); st.toast(left.length ? 'error' : 'ok', a.files_deleted + ' files deleted; ' + a.remaining.length + (a.remaining.length === 1 ? ' finished piece stays' : ' finished pieces stay'), left.map(([n, w]) => n + ': ' + w).join(' ')); }
      box.close(); box.remove();
    }, 'bad')));
  document.body.append(box); box.showModal();
};
const edit = v => {
  const name = el('input', { class: 'inp', value: v.name, maxlength: 80, 'aria-label': 'Name' }), text = el('input', { class: 'inp', value: v.description, maxlength: 300, 'aria-label': 'Description', placeholder: 'Description' });
  const sample = el('textarea', { class: 'inp', rows: 2, maxlength: 500, 'aria-label': 'Words of the sample' }, v.sample_text);
  const first = el('select', { class: 'inp', 'aria-label': 'Engine asked first' }, el('option', { value: '' }, 'The best that is free'), ...v.engines.map(e => el('option', { value: e.engine, selected: e.engine === v.engine }, e.engine)));
  return el('div', { class: 'ved' }, name, text, sample, first, el('div', { class: 'drow' }, button('New sample', () => act('POST', '/' + v.voice_id + '/sample', null, 'The sample is spoken anew')),
    button('Save', () => act('PATCH', '/' + v.voice_id, { name: name.value, description: text.value, sample_text: sample.value, engine: first.value }, 'Saved'), 'ink')));
};
const share = v => {
  if (!teams || !teams.length) return '';
  const to = el('select', { class: 'inp', 'aria-label': 'Team' }, ...teams.map(t => el('option', { value: t.id }, t.name)));
  const with_ = el('div', { class: 'recs shares' });
  /* Whom it is shared with is asked for when the card is opened. */
  fetch('/api/shares/voice/' + v.voice_id).then(a => a.ok ? a.json() : []).catch(() => []).then(found => with_.replaceChildren(...found.map(t => el('div', { class: 'refr', 'data-ok': '1' },
    el('div', { class: 'rh' }, el('b', {}, t.name), el('small', {}, 'may speak with it'), button('Take back', async () => {
      if (await st.rest('DELETE', '/shares/voice/' + v.voice_id + '/' + t.id) !== null) { st.toast('ok', 'Taken back', t.name + ' can no longer speak with ' + v.name + '.'); refresh(); st.tell('st:gallery'); }
    }, 'bad', 'Take ' + v.name + ' back from ' + t.name))))));
  return el('div', {}, el('div', { class: 'drow asks' }, el('span', {}, 'Let a team speak with it'), to, button('Share', () => act('POST', '/' + v.voice_id + '/share', { team_id: to.value }, 'Shared'))), with_);
};
const retrain = v => el('div', { class: 'drow asks' }, ...engines.filter(e => e.ready).map(e => button((v.engines.some(x => x.engine === e.name) ? 'Learn again: ' : 'Learn: ') + e.title, async () => {
  if (!e.local && !confirm('The recordings are sent to ' + e.title + '.')) return;
  const a = await st.ask(server, 'teach', { id: v.voice_id, engines: [e.name] }); if (a) { st.follow(a.job, false); st.soon(); } })));
const whole = (v, more) => el('div', { class: 'more' }, el('ul', { class: 'traits' }, ...traits(v)), ...v.engines.map(e => near(e.likeness)),
  v.mine && more ? el('div', { class: 'recs' }, ...more.reference_audios.map(r => recording(v, r))) : '',
  v.mine && more && more.consent ? el('p', { class: 'said' }, 'Consent of ' + more.consent.speaker + ', ' + more.consent.how + ', ' + day(more.consent.given_at) + (more.consent.commercial ? '' : ', not for commercial use') + '. SHA-256 ' + more.consent.sha256.slice(0, 12) + '…') : '',
  v.mine ? edit(v) : '', v.mine ? retrain(v) : '', v.mine ? share(v) : '');
const about = v => [v.status === 'trained' ? '' : v.status, v.is_active ? '' : 'switched off', v.quality_score === null ? '' : 'likeness ' + Math.round(100 * v.quality_score) + ' of 100', 'used ' + v.usage_count + (v.usage_count === 1 ? ' time' : ' times'), v.mine ? '' : 'shared with you'].filter(Boolean).join(' · ');
const card = (v, more) => el('article', { class: 'mvc', role: 'listitem', 'data-voice': v.voice_id, 'data-status': v.status },
  el('div', { class: 'rh' }, v.sample_audio && v.is_active ? button('▶', () => st.play({ key: v.sample_audio + v.training_completed_at, url: v.sample_audio, title: v.name, sub: 'Voice sample' }), 'round', 'Play the sample of ' + v.name) : '',
    el('div', { class: 'ti' }, el('b', {}, v.name), el('small', {}, about(v))),
    el('span', { class: 'acts' }, v.status === 'trained' && v.is_active ? button('Use', () => { localStorage.setItem('studio-voice', v.speak_as); st.tell('st:gallery'); st.show('voice'); }, 'ink', 'Use ' + v.name) : '',
      button(open === v.voice_id ? 'Less' : 'More', () => { open = open === v.voice_id ? '' : v.voice_id; refresh(); }, '', 'More about ' + v.name),
      v.mine ? button(v.is_active ? 'Switch off' : 'Switch on', () => act('PATCH', '/' + v.voice_id, { is_active: !v.is_active })) : '', v.mine ? button('Delete', () => remove(v), 'bad', 'Delete ' + v.name) : '')),
  v.error && v.error.message ? el('p', { class: 'why' }, v.error.message + ' ' + (v.error.hint || '')) : '', ...Object.entries((v.error && v.error.engines) || {}).map(([n, w]) => el('p', { class: 'why' }, n + ': ' + w.message)),
  ...v.engines.filter(e => e.notice).map(e => el('p', { class: 'why' }, e.engine + ': ' + e.notice)),
  open === v.voice_id ? whole(v, more) : '');
const refresh = async by => {
  /* What is being typed is not swept away by what happens elsewhere. */
  if (by === 'pulse' && element.contains(document.activeElement) && document.activeElement.closest('.ved')) return;
  const search = encodeURIComponent(q('input').value), status = q('select').value;
  const a = await st.rest('GET', BASE + '?search=' + search + '&status=' + status); if (!a) return;
  rows = a.cloned_voices;
  const more = open && rows.some(v => v.voice_id === open) ? await st.rest('GET', BASE + '/' + open) : null;
  const focused = document.activeElement && element.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') : '';
  q('.mlist').replaceChildren(...(rows.length ? rows.map(v => card(v.voice_id === open && more ? more : v, more)) : [el('p', { class: 'none' }, search || status ? 'No voice matches.' : 'No voice yet. Add recordings, the consent, and press Make the voice.')]));
  if (focused) { const f = [...element.querySelectorAll('[aria-label]')].find(n => n.getAttribute('aria-label') === focused); if (f) f.focus(); }
};
element.querySelector('.vtools').addEventListener('input', refresh);
st.hear('st:voices', refresh);
/* A training that begins or ends changes the list. */
st.hear('st:pulse', p => { const now = p.jobs.filter(j => j.k === 'voice_training').map(j => j.id + j.state).join(); if (now !== last) { last = now; refresh('pulse'); st.tell('st:gallery'); } });
st.hear('st:view', v => { if (v.page === 'clone') refresh(); });
(async () => {
  const a = await st.ask(server, 'learners', {}, true); engines = a ? a.engines : [];
  try { const t = await fetch('/api/teams'); teams = t.ok ? await t.json() : []; } catch (e) { teams = []; }
  refresh();
})();
