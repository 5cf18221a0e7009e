const st = window.st, el = st.el, box = element.querySelector('textarea'), whose = element.querySelector('select');
const load = async () => {
  const a = await st.ask(server, 'words', { project: whose.value }, true); if (!a) return;
  box.value = a.lines;
  const now = whose.value;
  whose.hidden = !a.projects.length;
  whose.replaceChildren(el('option', { value: '' }, 'My words, for every text'), ...a.projects.map(p => el('option', { value: p.id, selected: p.id === now }, 'Words of the project ' + p.name)));
};
whose.addEventListener('change', load);
load();
st.wire(element, async () => {
  const a = await st.ask(server, 'store', { lines: box.value, project: whose.value });
  if (a) st.toast('ok', a.count ? a.count + (a.count === 1 ? ' word' : ' words') + ' kept' : 'The dictionary is empty now', whose.value ? 'They win over yours in what is spoken for the project.' : 'Used for every text from now on.');
});
