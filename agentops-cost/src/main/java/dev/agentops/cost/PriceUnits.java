package dev.agentops.cost;

/**
 * The names that a price list and a usage share for things that are not tokens. The feeds have
 * names of their own for each; {@link GenAiPrices} and {@link LiteLlmPrices} translate them.
 */
final class PriceUnits {

  /** Charged once for every call, without being told in the usage. */
  static final String REQUESTS = "requests";

  /** Searches of the web that the provider made for the answer, whatever their size. */
  static final String WEB_SEARCHES = "web_searches";

  /** Searches in files that the provider stores. */
  static final String STORAGE_SEARCHES = "storage_searches";

  static final String CODE_SESSIONS = "code_interpreter_sessions";

  /** What rerankers are paid for: a query with up to so many documents, by the provider's count. */
  static final String SEARCH_UNITS = "search_units";

  static final String AUDIO_SECONDS = "audio_seconds";
  static final String VIDEO_SECONDS = "video_seconds";
  static final String INPUT_VIDEO_SECONDS = "input_video_seconds";
  static final String INPUT_PAGES = "input_document_pages";
  static final String ANNOTATED_PAGES = "input_annotated_document_pages";
  static final String OCR_CREDITS = "ocr_credits";
  static final String INPUT_IMAGES = "input_images";
  static final String OUTPUT_IMAGES = "output_images";
  static final String OUTPUT_PIXELS = "output_pixels";
  static final String CHARACTERS = "characters";
  static final String OUTPUT_CHARACTERS = "output_characters";
  static final String INPUT_MESSAGES = "input_text_messages";
  static final String CITATION_TOKENS = "citation_tokens";

  /** Video in the prompt; a usage that has it tells it here and not among its input tokens. */
  static final String INPUT_VIDEO_TOKENS = "input_video_tokens";

  /** Generated video; a usage that has it tells it here and not among its output tokens. */
  static final String OUTPUT_VIDEO_TOKENS = "output_video_tokens";

  private PriceUnits() {}

  /** The name for web searches of one size, where the sizes differ in price. */
  static String webSearches(String size) {
    return WEB_SEARCHES + '_' + size;
  }
}
