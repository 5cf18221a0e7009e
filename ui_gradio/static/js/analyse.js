const st = window.st, q = s => element.querySelector(s), select = q('select');
let full = true, busy = false;
const note = () => { q('.anote').textContent = full ? 'Beats, chords by bar, sections, loudness curves, stereo image, speech, mel spectrogram, faults.' : 'Tempo, key, loudness, true peak, dynamics, spectrum, energy, faults.'; };
const refresh = async pick => {
  const a = await st.ask(server, 'choices', {}, true); if (!a) return;
  const ids = a.rows.map(r => r.id), keep = pick || (ids.includes(wanted) ? wanted : select.value);
  if (keep === wanted) wanted = '';
  select.replaceChildren(...a.rows.map(r => st.el('option', { value: r.id }, r.name + ' · ' + r.dur)));
  if (!a.rows.length) select.replaceChildren(st.el('option', { value: '' }, 'The library is empty: upload a file'));
  if (ids.includes(keep)) select.value = keep;
  q('[data-act=begin]').disabled = !select.value;
  if (select.value !== told) { told = select.value; if (told) st.tell('st:report', { asset: told }); }
};
let uploading = false, wanted = '', told = '';
select.addEventListener('change', () => { told = select.value; st.tell('st:report', { asset: told }); });
element.addEventListener('click', e => {
  const b = e.target.closest('[data-full]');
  if (b) { full = !!b.dataset.full; element.querySelectorAll('[data-full]').forEach(x => x.setAttribute('aria-pressed', x === b)); note(); }
});
st.wire(element, async act => {
  if (act === 'upload') { uploading = true; st.tell('st:upload', { kind: 'music' }); }
  if (act === 'begin' && select.value && !busy) {
    busy = true; q('[data-act=begin]').disabled = true;
    const a = await st.ask(server, 'begin', { id: select.value, full });
    busy = false; q('[data-act=begin]').disabled = false;
    if (a) { st.follow(a.job, false); st.tell('st:report-wait', { job: a.job }); }
  }
});
st.hear('st:uploaded', d => { if (uploading) wanted = d.id; uploading = false; });  // its own upload, not whatever else came
st.hear('st:changed', () => refresh());
st.hear('st:analyse', d => { st.show('analyse'); refresh(d.id); });
st.hear('st:view', v => { if (v.page === 'analyse') refresh(); });
note(); if (st.view() === 'analyse') refresh();
