const st = window.st, q = s => element.querySelector(s), qa = s => [...element.querySelectorAll(s)];
const KEY = 'studio-voice';
let tier = '', only = false, favs = new Set(), base = props.value;
const chosen = () => localStorage.getItem(KEY) || props.first;
const mark = () => {
  qa('.vc').forEach(c => { const on = c.dataset.voice === chosen(); c.classList.toggle('sel', on); c.querySelector('.body').setAttribute('aria-pressed', on); });
  qa('.vfav').forEach(b => b.setAttribute('aria-pressed', favs.has(b.dataset.id)));
  const b = element.querySelector('.vc.sel .body');
  if (b) { st.voice = b.dataset.name; st.tell('st:voice', { id: chosen(), name: b.dataset.name }); }
};
const apply = () => {
  const words = q('input').value.toLowerCase().split(/\s+/).filter(Boolean), language = q('select').value;
  let n = 0;
  qa('.vc').forEach(c => {
    const fav = favs.has(c.dataset.voice), ok = (!tier || c.dataset.tier === tier) && (!only || fav) && (!language || c.dataset.language === language)
      && words.every(w => c.dataset.words.includes(w)) && (!c.dataset.more || fav || words.length > 0 || language || c.dataset.voice === chosen());
    c.hidden = !ok; n += ok;
  });
  qa('.vgroup').forEach(h => { let s = h.nextElementSibling, any = false; while (s && s.classList.contains('vc')) { any = any || !s.hidden; s = s.nextElementSibling; } h.hidden = !any; });
  q('.none').hidden = n > 0;
  q('.none').textContent = (!words.length && !language && (only ? 'No favourite here yet: the heart on a voice marks it.' : props.empty[tier])) || 'No voice matches. Clear the search or choose another language.';
};
element.addEventListener('input', apply);
element.addEventListener('click', e => {
  const t = e.target.closest('.fs [data-tier]'), f = e.target.closest('.fs [data-fav]');
  if (f) { only = !only; f.setAttribute('aria-pressed', only); apply(); }
  if (t) { tier = t.dataset.tier; qa('.fs [data-tier]').forEach(b => b.setAttribute('aria-pressed', b === t)); apply(); }
});
/* Favourites first within their group; otherwise as the server orders them. */
const draw = after => { props.value = base.map(g => ({ ...g, voices: [...g.voices].sort((a, b) => favs.has(b.id) - favs.has(a.id)) })); setTimeout(after, 0); };
const favour = async id => {
  const a = await st.rest(favs.has(id) ? 'DELETE' : 'PUT', '/voice/favourites/' + encodeURIComponent(id));
  if (!a) return;
  const top = q('.vlist').scrollTop;
  favs = new Set(a.voice_ids);
  draw(() => { mark(); apply(); playing(); q('.vlist').scrollTop = top; const b = qa('.vfav').find(n => n.dataset.id === id); if (b) b.focus({ preventScroll: true }); });
};
const playing = st.wire(element, (act, data) => {
  if (act === 'choose') { localStorage.setItem(KEY, data.id); mark(); trigger('chosen', { id: data.id }); }
  if (act === 'favour') favour(data.id);
});
const show = () => { mark(); apply(); const list = q('.vlist'), sel = q('.vc.sel'); if (sel) list.scrollTop = Math.max(0, sel.offsetTop - list.offsetTop - 60); };
show();
const others = async first => {
  const a = await st.ask(server, 'others', {}, true);
  if (!a) return;
  favs = new Set(a.favourites); base = a.groups; draw(show);
  if (first) Object.values(a.notes || {}).forEach(note => st.toast('warn', 'A voice service did not answer', note));
  trigger('chosen', { id: chosen() });
};
st.hear('st:gallery', () => others(false));
/* A preset chooses its voice and tells the form itself. */
st.hear('st:choose', d => { localStorage.setItem(KEY, d.id); show(); });
others(true);
