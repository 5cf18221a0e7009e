const st = window.st, q = s => element.querySelector(s), qa = s => [...element.querySelectorAll(s)];
const KEY = 'studio-voice';
let tier = '';
const chosen = () => localStorage.getItem(KEY) || props.first;
const mark = () => {
  qa('.vc').forEach(c => { const on = c.dataset.voice === chosen(); c.classList.toggle('sel', on); c.querySelector('.body').setAttribute('aria-pressed', on); });
  const b = element.querySelector('.vc.sel .body');
  if (b) { st.voice = b.dataset.name; st.tell('st:voice', { id: chosen(), name: b.dataset.name }); }
};
const apply = () => {
  const words = q('input').value.toLowerCase().split(/\s+/).filter(Boolean), language = q('select').value;
  let n = 0;
  qa('.vc').forEach(c => {
    const ok = (!tier || c.dataset.tier === tier) && (!language || c.dataset.language === language)
      && words.every(w => c.dataset.words.includes(w)) && (!c.dataset.more || words.length > 0 || language || c.dataset.voice === chosen());
    c.hidden = !ok; n += ok;
  });
  qa('.vgroup').forEach(h => { let s = h.nextElementSibling, any = false; while (s && s.classList.contains('vc')) { any = any || !s.hidden; s = s.nextElementSibling; } h.hidden = !any; });
  q('.none').hidden = n > 0;
  q('.none').textContent = (!words.length && !language && props.empty[tier]) || 'No voice matches. Clear the search or choose another language.';
};
element.addEventListener('input', apply);
element.addEventListener('click', e => {
  const t = e.target.closest('.fs [data-tier]');
  if (t) { tier = t.dataset.tier; qa('.fs [data-tier]').forEach(b => b.setAttribute('aria-pressed', b === t)); apply(); }
});
st.wire(element, (act, data) => { if (act === 'choose') { localStorage.setItem(KEY, data.id); mark(); trigger('chosen', { id: data.id }); } });
const show = () => { mark(); apply(); const list = q('.vlist'), sel = q('.vc.sel'); if (sel) list.scrollTop = Math.max(0, sel.offsetTop - list.offsetTop - 60); };
show();
const others = async first => {
  const a = await st.ask(server, 'others', {}, true);
  if (!a) return;
  if (a.groups) { props.value = a.groups; setTimeout(show, 0); }
  if (first) Object.values(a.notes || {}).forEach(note => st.toast('warn', 'A voice service did not answer', note));
  trigger('chosen', { id: chosen() });
};
st.hear('st:gallery', () => others(false));
others(true);
