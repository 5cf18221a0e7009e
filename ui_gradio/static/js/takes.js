const st = window.st;
let again = false;
const refresh = async () => {
  const a = await st.ask(server, 'newest', {}, true); if (!a) return;
  if (props.letters && a.rows.length) {
    const same = a.rows.filter(r => r.config === a.rows[0].config && !r.example && a.rows[0].made - r.made < 900);
    if (same.length > 1) same.reverse().forEach((r, n) => { r.letter = 'ABCDEFGH'[n]; });
  }
  st.lists = st.lists || {}; st.lists[props.kind] = a.rows;
  props.value = a.rows;
  element.querySelector('.none') && (element.querySelector('.none').hidden = a.rows.length > 0);
  setTimeout(() => { element.querySelectorAll('.none').forEach(n => { n.hidden = a.rows.length > 0; }); mark(); }, 0);
  st.tell('st:takes', { kind: props.kind, rows: a.rows });
};
const mark = st.wire(element, async (act, data, b) => {
  if (act === 'open') st.tell('st:open', { id: data.id, at: data.at });
  if (act === 'retake') { st.takesOf = data.id; st.show('takes'); }
  if (act === 'again' && !again) {
    again = true; b.disabled = true;
    const a = await st.ask(server, 'repeat', { id: data.id });
    again = false; b.disabled = false;
    if (a) st.follow(a.job, true);
  }
});
st.hear('st:changed', refresh);
refresh();
