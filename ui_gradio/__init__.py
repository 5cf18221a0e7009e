from ui_gradio.quick_import import without_stubs

without_stubs()  # here, before any module of the page can import Gradio
