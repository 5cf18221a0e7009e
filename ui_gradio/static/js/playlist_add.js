const st = window.st, el = st.el, box = element.querySelector('dialog'), form = box.querySelector('form'), into = form.elements;
let kept = [];
const named = () => { box.querySelector('.lc-new').hidden = into.playlist.value !== ''; into.name.required = into.playlist.value === ''; };
const ref = t => t.provider === 'library' ? { assetId: t.id } : { provider: t.provider, trackId: t.id, title: (t.title || '').slice(0, 200) };
/* What became of many that were added at once. */
st.toldAdded = a => {
  const t = a.tracks || { added: 0, already: 0, unknown: [] };
  if (t.added + t.already + t.unknown.length <= 1 && !t.unknown.length) st.toast('ok', t.already ? 'It was in there already' : 'It is in the playlist', a.name);
  else st.toast(t.unknown.length ? 'error' : 'ok', t.added === 1 ? '1 track was added' : t.added.toLocaleString() + ' tracks were added', [t.already ? t.already.toLocaleString() + ' were in it already.' : '', t.unknown.length ? t.unknown.length.toLocaleString() + ' are not known: ' + t.unknown.slice(0, 3).join(', ') + (t.unknown.length > 3 ? ' and others.' : '.') : ''].filter(Boolean).join(' ') || a.name);
};
st.hear('st:keep', async d => {
  const a = await st.rest('GET', '/music-licensing/playlists?limit=500');
  if (!a) return;
  kept = d.tracks; into.name.value = '';
  box.querySelector('p').textContent = kept.length === 1 ? [kept[0].title || 'Untitled', kept[0].artist].filter(Boolean).join(' · ') : kept.length + ' tracks';
  into.playlist.replaceChildren(...a.playlists.filter(p => p.mayEdit && !p.smart).map(p => el('option', { value: p.id }, p.name + ' (' + p.count + ')')), el('option', { value: '' }, 'A new playlist…'));
  into.playlist.selectedIndex = 0; named();
  box.showModal();
});
into.playlist.addEventListener('change', named);
form.addEventListener('submit', async e => {
  e.preventDefault();
  const tracks = kept.map(ref), id = into.playlist.value;
  const a = await (id ? st.rest('PUT', '/music-licensing/playlists/' + id, { add: tracks }) : st.rest('POST', '/music-licensing/playlists', { name: into.name.value.trim(), tracks }));
  if (!a) return;
  box.close(); st.toldAdded(a); st.tell('st:playlists'); if (tracks.length > 1) st.tell('st:kept');
});
box.querySelector('[data-close]').addEventListener('click', () => box.close());
