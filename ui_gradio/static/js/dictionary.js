const st = window.st, box = element.querySelector('textarea');
st.ask(server, 'words', {}, true).then(a => { if (a) box.value = a.lines; });
st.wire(element, async () => {
  const a = await st.ask(server, 'store', { lines: box.value });
  if (a) st.toast('ok', a.count ? a.count + (a.count === 1 ? ' word' : ' words') + ' kept' : 'The dictionary is empty now', 'Used for every text from now on.');
});
