namespace Orleans.Core;

/// <summary>A value that is kept in a store.</summary>
public interface IStorage
{
    /// <summary>The version in the store when it was last read or written; null where there is none.</summary>
    string? Etag { get; }

    /// <summary>Whether the store has a record.</summary>
    bool RecordExists { get; }

    /// <summary>Removes the record. Fails with InconsistentStateException where the store has another version.</summary>
    Task ClearStateAsync();

    /// <summary>Writes the value. Fails with InconsistentStateException where the store has another version.</summary>
    Task WriteStateAsync();

    /// <summary>Reads the value, over whatever is in memory.</summary>
    Task ReadStateAsync();

    /// <inheritdoc cref="ClearStateAsync()"/>
    Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();

    /// <inheritdoc cref="WriteStateAsync()"/>
    Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

    /// <inheritdoc cref="ReadStateAsync()"/>
    Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();
}

/// <summary>A value of a type that is kept in a store.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The value.</summary>
    TState State { get; set; }
}
