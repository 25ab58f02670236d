namespace LlmObserve.Domain.Tests.Prices;

/// <summary>A small file in the public format, with every feature that the real one uses.</summary>
internal static class ImportFixture
{
    public const string Json = """
        [{"id":"makers","name":"Makers","pricing_urls":["https://example.com/pricing","https://example.com/other"],
          "api_pattern":"https://.*",
          "model_match":{"starts_with":"mk-"},"provider_match":{"or":[{"contains":"makers"},{"contains":"mkr"}]},
          "models":[
            {"id":"plain","name":"Plain","match":{"or":[{"equals":"plain"},{"equals":"plain-2026-01-01"}]},"context_window":1000,
             "prices":{"input_mtok":2.5,"output_mtok":10,"cache_read_mtok":0.18000000000000002}},
            {"id":"tiered","match":{"starts_with":"tiered"},
             "prices":{"input_mtok":{"base":3,"tiers":[{"start":200000,"price":6}]},
                       "output_mtok":{"base":15,"tiers":[{"start":200000,"price":22.5}]},
                       "cache_write_mtok":3.75,"cache_write_1h_mtok":6,"web_searches_kcount":10}},
            {"id":"dated","match":{"contains":"dated"},
             "prices":[{"prices":{"input_mtok":10}},{"constraint":{"start_date":"2025-06-10"},"prices":{"input_mtok":2}}]},
            {"id":"nightly","match":{"regex":"^night\\d*$"},
             "prices":[{"prices":{"input_mtok":1}},
                       {"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},"prices":{"input_mtok":2}}]},
            {"id":"media","match":{"ends_with":"-media"},
             "prices":{"input_mtok":4,"output_mtok":16,"input_audio_mtok":32,"output_audio_mtok":64,
                       "input_image_mtok":5,"output_image_mtok":40,
                       "cache_audio_read_mtok":0.4,"cache_image_read_mtok":0.5,"input_video_mtok":7,"output_video_mtok":8,
                       "output_citation_mtok":2,"output_reasoning_mtok":20,"requests_kcount":12}},
            {"id":"spoken","match":{"equals":"spoken"},"prices":{"audio_hours":0.36}},
            {"id":"given:free","match":{"equals":"given:free"},"prices":{}}
          ]},
         {"id":"hosts","name":"Hosts","pricing_urls":[],"api_pattern":"","provider_match":{"and":[{"contains":"host"},{"contains":"s"}]},
          "fallback_model_providers":["makers"],
          "models":[{"id":"Own/Model","match":{"equals":"own/model"},"prices":{"input_mtok":0.88,"output_mtok":0.88}}]}]
        """;

    /// <summary>A good model between bad ones, and bad ones of every sort.</summary>
    public const string Faulty = """
        [{"id":"makers","pricing_urls":["https://example.com"],"models":[
            {"id":"good","match":{"equals":"good"},"prices":{"input_mtok":1}},
            {"id":"no-match","prices":{"input_mtok":1}},
            {"id":"no-prices","match":{"equals":"x"}},
            {"id":"text-price","match":{"equals":"x"},"prices":{"input_mtok":"1"}},
            {"id":"negative","match":{"equals":"x"},"prices":{"input_mtok":-1}},
            {"id":"huge","match":{"equals":"x"},"prices":{"input_mtok":1e30}},
            {"id":"too-fine","match":{"equals":"x"},"prices":{"input_mtok":0.1111111111111111111}},
            {"id":"new-kind","match":{"equals":"x"},"prices":{"input_mtok":1,"smell_mtok":2}},
            {"id":"bad-tier","match":{"equals":"x"},"prices":{"input_mtok":{"base":1,"tiers":[{"start":-5,"price":2}]}}},
            {"id":"bad-regex","match":{"regex":"("},"prices":{"input_mtok":1}},
            {"id":"looks-behind","match":{"regex":"(?<=a)b"},"prices":{"input_mtok":1}},
            {"id":"new-rule","match":{"sounds_like":"x"},"prices":{"input_mtok":1}},
            {"id":"empty-rule","match":{"or":[]},"prices":{"input_mtok":1}},
            {"id":"new-constraint","match":{"equals":"x"},"prices":[{"constraint":{"weekday":"monday"},"prices":{"input_mtok":1}}]},
            {"id":"bad-date","match":{"equals":"x"},"prices":[{"constraint":{"start_date":"soon"},"prices":{"input_mtok":1}}]},
            {"id":"half-window","match":{"equals":"x"},"prices":[{"constraint":{"start_time":"01:00:00Z"},"prices":{"input_mtok":1}}]},
            {"id":"zoned-window","match":{"equals":"x"},"prices":[{"constraint":{"start_time":"01:00:00+09:00","end_time":"02:00:00Z"},"prices":{"input_mtok":1}}]},
            {"id":"two faults","match":{"equals":""},"prices":{"input_mtok":null,"output_mtok":"free"}},
            {"id":"good","match":{"equals":"again"},"prices":{"input_mtok":9}},
            {"id":" spaces ","match":{"equals":"x"},"prices":{"input_mtok":1}},
            {"id":"half-\ud800","match":{"equals":"x"},"prices":{"input_mtok":1}},
            {"match":{"equals":"x"},"prices":{"input_mtok":1}},
            "not a model",
            {"id":"also-good","match":{"equals":"also-good"},"prices":{"input_mtok":2}}
          ]},
         {"id":"a/b","models":[]},
         {"name":"no id","models":[]},
         {"id":"makers","models":[]},
         {"id":"lost","fallback_model_providers":["nobody"],"models":[{"id":"found","match":{"equals":"found"},"prices":{"input_mtok":3}}]},
         {"id":"no-models"},
         7]
        """;
}
