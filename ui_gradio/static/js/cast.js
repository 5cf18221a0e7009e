/* 'recast' */
const st = window.st, el = st.el, KEY = 'studio-cast', KEPT = 100;
const read = () => { try { const kept = JSON.parse(localStorage.getItem(KEY)); return kept && typeof kept === 'object' ? kept : {}; } catch (e) { return {}; } };
const fold = name => name.normalize('NFC').toLowerCase().split(/\s+/).filter(Boolean).join(' ');
const keep = pairs => {
  const all = read();
  for (const [name, voice] of pairs) { delete all[fold(name)]; all[fold(name)] = voice; }
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(all).slice(-KEPT))));
};
st.cast = () => JSON.stringify(read());
const fill = () => {
  const v = props.value || {}, groups = new Map();
  for (const voice of v.voices || []) { if (!groups.has(voice.language)) groups.set(voice.language, []); groups.get(voice.language).push(voice); }
  element.querySelectorAll('select[data-name]').forEach(select => {
    const wanted = select.dataset.voice;
    select.replaceChildren(el('option', { value: '' }, 'The script’s own voice'), el('option', { value: '-' }, 'Not a speaker: read the name'),
      ...[...groups].map(([language, voices]) => el('optgroup', { label: language }, ...voices.map(one => el('option', { value: one.id }, one.about ? one.name + ' · ' + one.about : one.name)))));
    select.value = wanted;
    if (select.selectedIndex < 0) { select.append(el('option', { value: wanted }, 'A voice that is no more')); select.value = wanted; }
  });
};
/* The list is drawn anew with every answer; whoever walks through it with the keyboard stays where he was. */
watch('value', () => {
  const at = document.activeElement, name = at && element.contains(at) ? at.dataset.name : '';
  setTimeout(() => { fill(); const again = name && [...element.querySelectorAll('select')].find(s => s.dataset.name === name); if (again) again.focus(); }, 0);
});
element.addEventListener('change', e => {
  const select = e.target.closest('select[data-name]'); if (!select) return;
  keep([[select.dataset.name, select.value]]); select.dataset.voice = select.value; trigger('recast', {});
});
/* A file may name its speakers itself; a voice that was chosen for a name before stays. */
st.hear('st:speakers', d => { const all = read(); keep(d.speakers.filter(s => !(fold(s.name) in all)).map(s => [s.name, s.suggested_voice])); });
fill();
