namespace Orleans;

/// <summary>Marks attributes that tell the runtime how to fill a constructor's parameter.</summary>
public interface IFacetMetadata;

/// <summary>A stored value with its version, as it passes between a grain and its storage.</summary>
public interface IGrainState<T>
{
    /// <summary>The value.</summary>
    T? State { get; set; }

    /// <summary>The version in the store when it was last read or written; null where there is none.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the store has a record.</summary>
    bool RecordExists { get; set; }
}
